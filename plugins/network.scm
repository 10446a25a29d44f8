;;; network.scm -- what goes through each network interface, and what goes wrong there.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins network)
  #:use-module (ice-9 match)
  #:use-module (sheepdog plugin)
  #:use-module (srfi srfi-1))

(define counter-names '(received sent packets errors drops))

(define (line->counters line)
  "The name of the interface in LINE of /proc/net/dev and its counters since it came up: bytes
received and sent, packets, errors and drops of both ways; or #f."
  (match (string-index line #\:)
    (#f #f)
    (colon
     (match (map string->number (string-tokenize (substring line (+ colon 1))))
       (((? number? received) (? number? in) (? number? in-errors) (? number? in-drops) _ _ _ _
         (? number? sent) (? number? out) (? number? out-errors) (? number? out-drops) . _)
        (list (string-trim-both (substring line 0 colon))
              received sent (+ in out) (+ in-errors out-errors) (+ in-drops out-drops)))
       (_ #f)))))

(define (left-out? name patterns)
  (any (lambda (pattern)
         (if (string-suffix? "*" pattern)
             (string-prefix? (string-drop-right pattern 1) name)
             (string=? pattern name)))
       patterns))

(define (read-interfaces ignored)
  "An alist of interface to list of counters, without those that nothing ever went through."
  (let ((text (or (machine-file "/proc/net/dev")
                  (raise-check-failed "/proc/net/dev cannot be read"))))
    (filter (match-lambda
              ((name received sent . _)
               (and (not (left-out? name ignored)) (positive? (+ received sent)))))
            (filter-map line->counters (string-split text #\newline)))))

(define (differences interfaces before)
  "How much the counters of INTERFACES grew since BEFORE, for those that were there then and were not
set back to 0 meanwhile."
  (filter-map (match-lambda
                ((name . counters)
                 (let* ((old (assoc-ref before name))
                        (grown (and old (map - counters old))))
                   (and grown (not (any negative? grown)) (cons name grown)))))
              interfaces))

(define (faulty? grown share)
  "True where at least SHARE per cent of the packets had errors, and more than a few."
  (match grown
    ((name received sent packets errors drops)
     (and (>= errors 10) (>= (* 100 errors) (* share (+ packets errors)))))))

(define (summary interfaces render)
  (let ((shown (map render (if (> (length interfaces) 4) (take interfaces 4) interfaces)))
        (rest (- (length interfaces) 4)))
    (string-join (if (> rest 0)
                     (append shown (list (format #f "~a more" rest)))
                     shown)
                 "; ")))

(define (rates-report grown seconds share)
  (let ((faulty (filter (lambda (interface) (faulty? interface share)) grown)))
    (define (rate n) (/ (round (* 100. (/ n seconds))) 100))
    (report "network"
            #:status (if (null? faulty) 'ok 'warning)
            #:summary
            (if (null? faulty)
                (summary grown
                         (match-lambda
                           ((name received sent . _)
                            (format #f "~a in ~a/s, out ~a/s" name
                                    (format-bytes (exact-rate received seconds))
                                    (format-bytes (exact-rate sent seconds))))))
                (summary faulty
                         (match-lambda
                           ((name received sent packets errors drops)
                            (format #f "~a ~a in ~a" name (format-count errors "error")
                                    (format-count packets "packet"))))))
            #:data `((interfaces
                      . ,(map (match-lambda
                                ((name . counters)
                                 (cons name (map (lambda (key n) (cons key (rate n)))
                                                 counter-names counters))))
                              grown))))))

(define (exact-rate n seconds)
  (inexact->exact (round (/ n seconds))))

(define (first-report interfaces)
  (report "network"
          #:status 'ok
          #:summary (summary interfaces
                             (match-lambda
                               ((name received sent . _)
                                (format #f "~a ~a in, ~a out so far" name (format-bytes received)
                                        (format-bytes sent)))))))

(define (gone-report names)
  (report "network" #:status 'warning
          #:summary (format #f "no interface is left: ~a ~a gone"
                            (summary names identity) (if (null? (cdr names)) "is" "are"))))

(define (look options state)
  ;; The state is the up-time of the round before, the counters then, and the interfaces that were
  ;; there last.
  (let* ((uptime (machine-file "/proc/uptime"))
         (now (if uptime
                  (string->number (car (string-split uptime #\space)))
                  (raise-check-failed "/proc/uptime cannot be read")))
         (interfaces (read-interfaces (option-ref options 'ignore))))
    (match (or state (list 0 '() '()))
      ((then before known)
       (let* ((seconds (- now then))
              ;; After a boot with a state from before it there is no rate to tell either.
              (grown (if (> seconds 0) (differences interfaces before) '())))
         (values
          (cond
           ((pair? grown) (list (rates-report grown seconds (option-ref options 'warning))))
           ((pair? interfaces) (list (first-report interfaces)))
           ((pair? known) (list (gone-report known)))
           ;; Where there never was one, there is nothing to say.
           (else '()))
          (list now interfaces (if (pair? interfaces) (map car interfaces) known))))))))

(define (receive report)
  (cons (status (report-status report))
        (append-map
         (match-lambda
           ((name . rates)
            (map (match-lambda
                   ((key . rate) (sample (string-append "network." name "." key) rate)))
                 rates)))
         (or (report-ref report "interfaces") '()))))

(define-plugin network
  "Measure what goes through each network interface, a second, and watch for errors."
  #:every (minutes 1)
  #:options ((warning 1 percentage?
                      "Share of packets with errors from which the status is warning.")
             (ignore '("lo" "br-*" "cali*" "cni*" "docker*" "dummy*" "flannel*" "ifb*" "lxc*"
                       "tap*" "veth*" "virbr*" "vnet*")
                     strings?
                     "Interfaces that are left out; a star at the end stands for anything."))
  #:monitor look
  #:receiver receive)
