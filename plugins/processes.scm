;;; processes.scm -- how many processes there are, and in what states.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins processes)
  #:use-module (sheepdog plugin)
  #:use-module (srfi srfi-1))

(define (count-states states)
  "An alist of the processes in STATES, a string of state letters."
  (define (count-of letters)
    (string-count states (lambda (letter) (string-index letters letter))))
  `((total . ,(string-length states))
    (running . ,(count-of "R"))
    (sleeping . ,(count-of "SI"))
    (waiting . ,(count-of "D"))
    (stopped . ,(count-of "Tt"))
    (zombies . ,(count-of "Z"))))

(define (thread-count)
  "How many threads there are, the kernel's own too; #f where unknown."
  (let ((fields (string-tokenize (or (machine-file "/proc/loadavg") ""))))
    (and (>= (length fields) 4)
         (let ((slash (string-index (fourth fields) #\/)))
           (and slash (string->number (substring (fourth fields) (+ slash 1))))))))

(define (thread-limit)
  "How many threads there can be, or #f."
  (let ((limits (filter-map (lambda (path)
                              (let ((text (machine-file path)))
                                (and text (string->number (string-trim-both text)))))
                            '("/proc/sys/kernel/pid_max" "/proc/sys/kernel/threads-max"))))
    (and (pair? limits) (apply min limits))))

(define (forks-and-time)
  "How many processes were started since the boot, and the seconds since then; or #f."
  (let ((forks (find-number (or (machine-file "/proc/stat") "") "processes"))
        (uptime (machine-file "/proc/uptime")))
    (and forks uptime
         (cons forks (string->number (car (string-split uptime #\space)))))))

(define (fork-rate now before)
  (and now before
       (let ((forks (- (car now) (car before)))
             (seconds (- (cdr now) (cdr before))))
         (and (>= forks 0) (> seconds 0) (/ (round (* 100. (/ forks seconds))) 100)))))

(define (look options state)
  ;; The state is the count of forks and the up-time of the round before.
  (let* ((counts (count-states (process-states)))
         (zombies (assq-ref counts 'zombies))
         (threads (thread-count))
         (limit (thread-limit))
         (use (if (and threads limit) (percent threads limit) 0))
         (now (forks-and-time))
         (rate (fork-rate now state)))
    (values
     (list (report "processes"
                   #:status (cond ((>= use (option-ref options 'critical)) 'critical)
                                  ((or (>= use (option-ref options 'warning))
                                       (>= zombies (option-ref options 'zombies)))
                                   'warning)
                                  (else 'ok))
                   #:summary
                   (string-append
                    (format-count (assq-ref counts 'total) "process" "processes")
                    (if threads (string-append ", " (format-count threads "thread")) "")
                    (if (and limit (>= use (option-ref options 'warning)))
                        (format #f " of ~a that can be" limit)
                        "")
                    (if (> zombies 0) (string-append ", " (format-count zombies "zombie")) ""))
                   #:data `(,@counts
                            ,@(if threads `((threads . ,threads)) '())
                            ,@(if limit `((limit . ,limit)) '())
                            ,@(if rate `((forks . ,rate)) '()))))
     now)))

(define (receive report)
  (cons (status (report-status report))
        (filter-map (lambda (name)
                      (let ((value (report-ref report name)))
                        (and value (sample (string-append "processes." name) value))))
                    '("total" "running" "waiting" "zombies" "threads" "forks"))))

(define-plugin processes
  "Count processes by state, zombies, threads, and how many are started a second."
  #:every (minutes 1)
  #:options ((warning 80 percentage?
                      "Share of the threads that there can be from which the status is warning.")
             (critical 95 percentage? "The same from which it is critical.")
             (zombies 100 positive-integer? "Zombies from which the status is warning."))
  #:monitor look
  #:receiver receive)
