;;; monitoring.scm -- runs monitors, each as a task of its own, and hands on what they report.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog monitoring)
  #:use-module (ice-9 exceptions)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog receive)
  #:use-module (sheepdog report)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:export (run-monitor start-monitor))

(define (run-monitor monitor state)
  "Run one round of MONITOR with STATE, what its last round left or #f; return its reports and the
state for the next.  Raises what the monitor raises."
  (define plugin (monitor-plugin monitor))
  (define (own reports)
    (unless (and (list? reports) (and-map report? reports))
      (raise-plugin-error (plugin-name plugin)
                          "monitor ~a returned ~s, not a list of reports" (plugin-name plugin)
                          reports))
    (map (lambda (report) (set-report-plugin report (plugin-name plugin))) reports))
  (define (look . arguments)
    (call-abortable (lambda () (apply (plugin-monitor plugin) (monitor-options monitor) arguments))))
  (if (plugin-stateful? plugin)
      (call-with-values (lambda () (look state))
        (lambda (reports next) (values (own reports) next)))
      (values (own (look)) #f)))

(define (service-of monitor)
  (string-append "monitor " (symbol->string (monitor-name monitor))))

(define (failure-report monitor text)
  (set-report-plugin (report (service-of monitor) #:status 'unknown #:summary text) 'message))

(define (success-report monitor)
  (set-report-plugin (report (service-of monitor) #:status 'ok #:summary "works again") 'message))

(define (accept reports)
  ;; Wait until the spool has REPORTS; a full disk is waited for.
  (unless (null? reports)
    (let retry ()
      (when (with-exception-handler
                (lambda (exception)
                  (log-error "spool: ~a; trying again" (exception->text exception))
                  #t)
              (lambda ()
                (await (lambda (callback) (%spool-append reports callback)))
                #f)
              #:unwind? #t)
        (sleep 5)
        (retry)))))

(define* (start-monitor monitor #:key once?)
  "Run MONITOR for ever, every `monitor-every' seconds, or ONCE?; return the task.  A round that fails
is reported once as the unknown service \"monitor NAME\", and so is its recovery; one that holds the
daemon too often is set aside.  The state of a round is kept only when its reports were accepted."
  (define (round state failing? late)
    ;; -> state failing? late
    (with-exception-handler
        (lambda (exception)
          (when (task-cancelled? exception) (raise-exception exception))
          (let* ((late? (eq? (exception-kind exception) 'step-too-long))
                 (late (if late? (+ late 1) late))
                 (text (if late?
                           (format #f "held the daemon for more than ~a s" step-limit)
                           (exception->text exception))))
            (log-warning "~a: ~a" (service-of monitor) text)
            (unless failing? (accept (list (failure-report monitor text))))
            (values state #t late)))
      (lambda ()
        (call-with-values (lambda () (run-monitor monitor state))
          (lambda (reports next)
            (accept (if failing? (cons (success-report monitor) reports) reports))
            (values next #f late))))
      #:unwind? #t))
  (spawn-task
   (lambda ()
     (let loop ((due (%monotonic)) (state #f) (failing? #f) (late 0))
       (call-with-values (lambda () (round state failing? late))
         (lambda (state failing? late)
           (cond
            (once? #t)
            ((>= late set-aside-after)
             (log-error "~a is set aside until the next reload: it held the daemon ~a times"
                        (service-of monitor) late)
             (accept (list (set-report-plugin
                            (report (service-of monitor) #:status 'critical
                                    #:summary (format #f "set aside: it held the daemon ~a times"
                                                      late))
                            'message))))
            (else
             ;; A round that took longer than the period does not pile up others behind it.
             (let ((next (max (+ due (monitor-every monitor)) (%monotonic))))
               (sleep (max 0 (- next (%monotonic))))
               (loop next state failing? late))))))))
   #:name (service-of monitor) #:owner (monitor-name monitor)))
