;;; run.scm -- what became of a wrapped command.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The data of a report, as the wrapper sends it:
;;;   run        UUID, the same from start to end
;;;   phase      start | renew (its lease) | end | vanished (the wrapper ended and told no end)
;;;   argv user directory started lease
;;;   inform     who is to be told of this run whatever came of it
;;; and at the end
;;;   outcome    succeeded | failed | timed-out | cancelled | unknown (nobody knows it any more)
;;;   duration   seconds; exit, or signal, or error: why it could not be started
;;;   user-cpu system-cpu peak-memory attempts
;;;   stdout stderr   {text or base64, bytes: how many there were, omitted: how many are not kept,
;;;              gap: after how many characters, or bytes that base64 stands for, those are missing}
(define-module (sheepdog plugins run)
  #:use-module (sheepdog plugin)
  #:use-module ((sheepdog plugin) #:select ((run . run-assertion))))

(define (time? x) (real? x))
(define (length-of-time? x) (and (real? x) (>= x 0)))
(define (command? x)
  (and (vector? x) (let loop ((i 0))
                     (or (= i (vector-length x))
                         (and (string? (vector-ref x i)) (loop (+ i 1)))))))

(define (checked report check what . path)
  "The value at PATH of the data of REPORT; #f where it is absent or null.
Errors: &check-failed unless it passes CHECK, WHAT in words."
  (let ((value (apply report-ref report path)))
    (cond
     ((or (not value) (eq? value 'null)) #f)
     ((check value) value)
     (else (raise-check-failed "~{~a~^.~} of a run is ~s, it must be ~a" path value what)))))

(define (needed report check what . path)
  (or (apply checked report check what path)
      (raise-check-failed "a run's report has no ~{~a~^.~}" path)))

(define (one-of-words words)
  (lambda (x) (and (string? x) (memq (string->symbol x) words) #t)))

(define (words->text words)
  (string-join (map symbol->string words) ", "))

(define phases '(start renew end vanished))
(define outcomes '(succeeded failed timed-out cancelled unknown))

(define (outcome->status outcome)
  (if (eq? outcome 'succeeded) 'ok 'critical))

(define (output-bytes report)
  (let ((out (checked report natural? "a number of bytes" "stdout" "bytes"))
        (err (checked report natural? "a number of bytes" "stderr" "bytes")))
    (and (or out err) (+ (or out 0) (or err 0)))))

(define* (report->run report phase #:key outcome ended)
  (run-assertion
   (needed report non-empty-string? "a UUID" "run") phase
   #:outcome outcome
   #:started (checked report time? "a time" "started")
   #:ended ended
   #:lease (checked report length-of-time? "a number of seconds" "lease")
   #:exit (checked report natural? "an exit status" "exit")
   #:signal (checked report positive-integer? "a signal's number" "signal")
   #:error (checked report string? "a string" "error")
   #:user-cpu (checked report length-of-time? "a number of seconds" "user-cpu")
   #:system-cpu (checked report length-of-time? "a number of seconds" "system-cpu")
   #:peak-memory (checked report natural? "a number of bytes" "peak-memory")
   #:output-bytes (output-bytes report)
   #:argv (checked report command? "an array of strings" "argv")
   #:user (checked report string? "a string" "user")
   #:directory (checked report string? "a string" "directory")
   #:attempts (checked report positive-integer? "a number of attempts" "attempts")))

(define (end-of report)
  ;; The duration was measured on a clock that nobody sets, so it counts, not the time of the
  ;; report.
  (let ((started (checked report time? "a time" "started"))
        (duration (checked report length-of-time? "a number of seconds" "duration")))
    (if (and started duration) (+ started duration) (report-time report))))

(define (whom-to-inform report)
  (let ((who (checked report non-empty-string? "a name" "inform")))
    (if who (list (event 'inform `(("who" . ,who)))) '())))

(define (end-of-run report)
  (let ((outcome (string->symbol
                  (needed report (one-of-words outcomes) (words->text outcomes) "outcome"))))
    `(,(report->run report 'end #:outcome outcome #:ended (end-of report))
      ;; A run that was called off says nothing about its service, nor one of which nothing is known.
      ,@(if (memq outcome '(cancelled unknown))
            '()
            (list (status (if (eq? (report-status report) 'unknown)
                              (outcome->status outcome)
                              (report-status report)))))
      ,@(whom-to-inform report))))

(define (vanished-run report)
  `(,(report->run report 'vanished #:outcome 'vanished #:ended (report-time report))
    ,(status 'critical (if (string-null? (report-summary report))
                           "vanished: it was started, and nothing told its end; its command may still run"
                           (report-summary report)))
    ,@(whom-to-inform report)))

(define-plugin run
  "Follow the runs of wrapped commands: what `sheepdog run' sends."
  #:receiver
  (lambda (report)
    (case (string->symbol (needed report (one-of-words phases) (words->text phases) "phase"))
      ((start) (list (report->run report 'start)))
      ((renew) (list (report->run report 'renew)))
      ((end) (end-of-run report))
      ((vanished) (vanished-run report)))))
