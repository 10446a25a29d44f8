;;; status.scm -- sheepdog status: how the herd is now.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command status)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog herd-state)
  #:use-module (sheepdog program)
  #:use-module (sheepdog running)
  #:use-module (sheepdog service-detail)
  #:use-module (sheepdog store)
  #:use-module (sheepdog stored-form)
  #:use-module (sheepdog table)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:export (main))

(define (main options)
  "Show the services that OPTIONS ask for; return the exit status: 1 where one of them is in trouble."
  (call-as-program
   "sheepdog"
   (lambda ()
     (let* ((reader (open-reader (store-to-read options)))
            (status (call-with-snapshot reader (lambda () (show reader options)))))
       (if (say-whether-current reader options)
           status
           (if (= status exit-good) exit-no-connection status))))))

(define (show reader options)
  (match (option options 'service)
    (#f (show-all reader options))
    (subject
     (call-with-values (lambda () (find-services reader subject))
       (lambda (states service?)
         (if (and service? (= 1 (length states)))
             (show-one reader (first states) options)
             (show-list states options)))))))

(define (say-whether-current reader options)
  "Say so where no daemon keeps what READER has up to date; false where one did."
  (define places (places-to-read options))
  (or (daemon-there? places)
      (begin
        (force-output (current-output-port))
        (format (current-error-port) "sheepdog: no daemon runs with ~a; ~a~%"
                (place places 'state-dir)
                (match (newest-time reader)
                  (#f "nothing has been reported yet")
                  (time (format #f "the newest report is of ~a (~a)" (format-time time)
                                (format-ago time)))))
        ;; The copy of a store has none, nor has one that is filled now and then.
        (match (settings-left places)
          (#f #t)
          (left (settings-once? left))))))

(define (show-all reader options)
  ;; Who has never said a status is no service that could be well or not, but for its first run.
  (let ((states (filter (lambda (state)
                          (or (service-state-status state) (service-state-running-since state)))
                        (read-services reader))))
    (unless (or (option options 'json) (option options 'csv))
      (when (null? states)
        (format #t "Nothing has been reported yet.~%")))
    (let ((status (show-list states options)))
      (unless (or (option options 'json) (option options 'csv))
        (print-troubles reader))
      status)))

(define (severity state)
  (or (list-index (lambda (status) (eq? status (service-state-status state)))
                  statuses-from-bad-to-good)
      (length statuses-from-bad-to-good)))

(define (trouble-first states)
  (stable-sort states (lambda (a b) (< (severity a) (severity b)))))

(define (exit-status states)
  (if (any in-trouble? states) exit-wrong exit-good))

(define (show-list states options)
  (let ((states (trouble-first states)))
    (cond
     ((option options 'json) (print-json json-columns (map state->json states)))
     ((option options 'csv) (print-csv json-columns (map state->json states)))
     (else (print-services states)))
    (exit-status states)))

(define json-columns '(host service status since summary time plugin running))

(define (state->json state)
  (list (service-state-host state) (service-state-service state) (service-state-status state)
        (service-state-since state) (service-state-summary state) (service-state-time state)
        (service-state-plugin state) (service-state-running-since state)))

(define (summary-of state)
  (let ((running (service-state-running-since state)))
    (if running
        (string-append (service-state-summary state)
                       (if (string-null? (service-state-summary state)) "" " ")
                       (format #f "(running for ~a)" (format-since running)))
        (service-state-summary state))))

(define (print-services states)
  "Print STATES, a list of <service-state>, as a table with a line that sums them up."
  (unless (null? states)
    (print-table '(status host service since summary)
                 (map (lambda (state)
                        (list (service-state-status state) (service-state-host state)
                              (service-state-service state)
                              (format-since (service-state-since state))
                              (summary-of state)))
                      states)
                 #:right-aligned '(since) #:width (table-width))
    (format #t "~%~a~%" (sum-up states))))

(define (sum-up states)
  (let ((hosts (length (delete-duplicates (map service-state-host states)))))
    (format #f "~a on ~a: ~{~a~^, ~}"
            (format-count (length states) "service") (format-count hosts "host")
            (filter-map (match-lambda
                          ((status . name)
                           (let ((n (count (lambda (s) (eq? status (status-or-run s))) states)))
                             (and (> n 0) (format #f "~a ~a" n name)))))
                        '((ok . "ok") (critical . "critical") (missing . "missing")
                          (unknown . "unknown") (warning . "warning")
                          (running . "running for the first time")
                          (#f . "without a status"))))))

(define (status-or-run state)
  (or (service-state-status state) (and (service-state-running-since state) 'running)))

(define (print-troubles reader)
  "Print what is wrong with the reports in READER themselves: what nobody could read or be told lately."
  (define (say template . arguments)
    (format #t "~%~a~%" (apply format #f template arguments)))
  (call-with-values (lambda () (dead-letter-reasons reader))
    (lambda (all-reasons dropped)
      (define reasons (filter (lambda (reason) (recent? (third reason))) all-reasons))
      (unless (null? reasons)
        (say "~a, the last ~a:"
             (format-count (apply + dropped (map second reasons)) "dead letter")
             (format-ago (third (first reasons))))
        (for-each (match-lambda
                    ((reason count newest) (format #t "  ~a  ~a~%" count (one-line reason))))
                  (if (> (length reasons) 5) (take reasons 5) reasons))
        (when (> (length reasons) 5)
          (format #t "  and ~a; `sheepdog doctor' lists them~%"
                  (format-count (- (length reasons) 5) "more reason")))
        (unless (zero? dropped)
          (format #t "  ~a of them are not kept any more~%" dropped))
        (format #t "  `sheepdog doctor --dead-letters' shows what they say~%"))))
  (for-each (lambda (state)
              (when (service-state-plugin-unknown? state)
                (say "~a/~a reports for the plugin ~a, which the server does not have; \
its reports were read as messages."
                     (service-state-host state) (service-state-service state)
                     (service-state-plugin state))))
            (read-services reader))
  (for-each (match-lambda
              ((notifier count given-up? error newest)
               (when (or (not given-up?) (recent? newest))
                 (say "~a for ~a ~a: ~a" (format-count count "notice") notifier
                      (if given-up? "could not be delivered" "cannot be delivered so far")
                      (one-line error)))))
            (undelivered-notices reader))
  (for-each (match-lambda
              ((host skew)
               (say "The clock of ~a is ~a ahead; its reports count from their arrival." host
                    (format-seconds skew))))
            (skewed-hosts reader)))

(define (show-one reader state options)
  (cond
   ((option options 'json)
    (print-json (append json-columns detail-columns)
                (list (append (state->json state) (service-detail reader state)))
                #:json-cells detail-columns))
   ((option options 'csv) (print-csv json-columns (list (state->json state))))
   (else (print-service-detail reader state)))
  (exit-status (list state)))
