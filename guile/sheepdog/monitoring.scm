;;; monitoring.scm -- runs monitors, each as a task of its own, and hands on what they report.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog monitoring)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog failing-monitors)
  #:autoload (sheepdog failure-place) (find-failure-place)  ; it brings the debugger, 4 MB
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog receive)
  #:use-module (sheepdog report)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (run-monitor watch-monitors join-watches))

(define* (run-monitor monitor state #:key (plugin (monitor-plugin monitor)))
  "Run one round of MONITOR with STATE, what its last round left or #f; return its reports and the
state for the next.  PLUGIN is its own, perhaps as compiled code.  Raises what the monitor raises."
  (define (own reports)
    (unless (and (list? reports) (and-map report? reports))
      (raise-plugin-error (plugin-name plugin)
                          "monitor ~a returned ~a, not a list of reports; write (list (report ...))"
                          (plugin-name plugin)
                          (if (report? reports) "a report" (format #f "~s" reports))))
    (map (lambda (report) (set-report-plugin report (plugin-name plugin))) reports))
  (define (look . arguments)
    (call-abortable (lambda () (apply (plugin-monitor plugin) (monitor-options monitor) arguments))))
  (if (plugin-stateful? plugin)
      (call-with-values (lambda () (look state))
        (lambda (reports next) (values (own reports) next)))
      (values (own (look)) #f)))

(define (service-of monitor-name)
  (string-append "monitor " (symbol->string monitor-name)))

;; What a broken plugin raises may be of any length.
(define longest-text 1000)

(define (clip text)
  (if (> (string-length text) longest-text)
      (string-append (substring text 0 longest-text) "…")
      text))

(define (own-report monitor-name status text)
  (set-report-plugin
   (report (service-of monitor-name) #:status status #:summary text)
   'message))

(define retry-time 5) ; seconds until a spool that cannot take reports now is tried again

(define (accept reports)
  ;; Wait until the spool has REPORTS; a disk that is full now is waited for.
  (unless (null? reports)
    (let retry ()
      (when (with-exception-handler
                (lambda (exception)
                  (unless (memq (core-error-code exception) '(full io busy))
                    (raise-exception exception))
                  (log-error "spool: ~a; trying again in ~a s" (exception->text exception)
                             retry-time)
                  #t)
              (lambda ()
                (await (lambda (callback) (%spool-append reports callback)))
                #f)
              #:unwind? #t #:unwind-for-type &core-error)
        (sleep retry-time)
        (retry)))))

(define-record-type <watch>
  (make-watch monitor state)
  watch?
  (monitor watch-monitor)                  ; <monitor>
  (state watch-state set-watch-state!)     ; what its last good round left, or #f
  (fault watch-fault set-watch-fault!)     ; what it raised last and where, a pair of strings; or #f
  (task watch-task set-watch-task!)        ; <task>
  (ended? watch-ended? set-watch-ended!))  ; true once another one has taken over

(define (start-watch monitor state failing once?)
  ;; Run MONITOR from STATE on, every `monitor-every' seconds, or ONCE?.  A round that fails is
  ;; reported once as the unknown service "monitor NAME", and so is its recovery; one that holds the
  ;; daemon too often is set aside.  The state of a round is kept only when its reports were accepted.
  (define watch (make-watch monitor state))
  (define name (monitor-name monitor))
  (define (good-round)
    (call-with-values (lambda () (run-monitor monitor (watch-state watch)))
      (lambda (reports next)
        ;; A plugin may have caught that its wait was cancelled.
        (unless (watch-ended? watch)
          (let ((failing? (failing? failing name)))
            (accept (if failing? (cons (own-report name 'ok "works again") reports) reports))
            (when failing? (set-failing! failing name #f))
            (set-watch-state! watch next))))))
  (define (round told? late)
    ;; -> told? late
    (with-exception-handler
        (lambda (exception)
          (when (task-cancelled? exception) (raise-exception exception))
          (let* ((late? (eq? (exception-kind exception) 'step-too-long))
                 (text (if late?
                           (format #f "held the daemon for more than ~a s" step-limit)
                           (clip (exception->text exception)))))
            (log-warning "~a: ~a~a" (service-of name)
                         (if late? "" (place-of-fault watch exception text told?)) text)
            (unless (or told? (watch-ended? watch))
              (set-failing! failing name #t)
              (accept (list (own-report name 'unknown text))))
            (values #t (if late? (+ late 1) late))))
      (lambda ()
        (good-round)
        (values #f late))
      #:unwind? #t))
  (define (set-aside late)
    (log-error "~a is set aside until the next reload: it held the daemon ~a times"
               (service-of name) late)
    (accept (list (own-report name 'critical
                              (format #f "set aside: it held the daemon ~a times" late)))))
  (define (work)
    (let loop ((due (%monotonic)) (told? #f) (late 0))
      (call-with-values (lambda () (round told? late))
        (lambda (told? late)
          (cond
           ((or once? (watch-ended? watch)) #t)
           ((>= late set-aside-after) (set-aside late))
           (else
            ;; A round that took longer than the period does not pile up others behind it.
            (let ((next (max (+ due (monitor-every monitor)) (%monotonic))))
              (sleep (max 0 (- next (%monotonic))))
              (loop next told? late))))))))
  (set-watch-task! watch (spawn-task work #:name (service-of name) #:owner name))
  watch)

(define (place-of-fault watch exception text told?)
  ;; "FILE:LINE:COLUMN: " where the round of WATCH raised EXCEPTION, TEXT in words, so far as that is
  ;; known.  Looked for when it begins to fail, in one more round, which like every other only looks.
  (define (look)
    (define monitor (watch-monitor watch))
    (define (again plugin)
      (%step-begin)
      (run-monitor monitor (watch-state watch) #:plugin plugin))
    ;; The compiler may take longer than a step.
    (%step-end)
    (let ((place (find-failure-place (monitor-plugin monitor) plugin-monitor again)))
      (%step-begin)
      (if place (string-append place ": ") "")))
  (cond
   ;; What the plugin, or what it asked, says by itself needs none.
   ((and (sheepdog-error? exception) (not (plugin-error? exception))) "")
   ((match (watch-fault watch) ((known . place) (and (string=? known text) place)) (#f #f)))
   (told? "")
   (else
    (let ((place (look)))
      (set-watch-fault! watch (cons text place))
      place))))

(define (end-watch watch)
  (set-watch-ended! watch #t)
  (cancel-task (watch-task watch)))

(define (same-work? watch monitor)
  ;; Its plugin is the very same where its file has not changed.
  (and (eq? (monitor-plugin (watch-monitor watch)) (monitor-plugin monitor))
       (equal? (monitor-options (watch-monitor watch)) (monitor-options monitor))))

(define (goes-on? watch monitor)
  (and (same-work? watch monitor)
       (= (monitor-every (watch-monitor watch)) (monitor-every monitor))
       (not (task-over? (watch-task watch)))))

(define (forget-others monitors failing)
  ;; What is no longer watched can never work again.
  (for-each
   (lambda (name)
     (spawn-task (lambda ()
                   (accept (list (own-report name 'ok "is not run any more")))
                   (set-failing! failing name #f))
                 #:name (service-of name)))
   (lset-difference eq? (failing-names failing) (map monitor-name monitors))))

(define* (watch-monitors monitors failing #:key once? (before '()))
  "Run each of MONITORS as a task of its own, for ever or ONCE?, and return the list of them, which
is BEFORE at the next call: of those, the ones that are still wanted as they are go on, all others
end, and one of the same plugin and options takes over its state.  FAILING is what is known of the
past, see `open-failing-monitors'."
  (define (next monitor before)
    ;; -> watch, and what is left of BEFORE
    (let ((same (or (find (lambda (watch) (goes-on? watch monitor)) before)
                    (find (lambda (watch) (same-work? watch monitor)) before))))
      (values (cond ((not same) (start-watch monitor #f failing once?))
                    ((goes-on? same monitor) same)
                    (else
                     (end-watch same)
                     (start-watch monitor (watch-state same) failing once?)))
              (if same (delq same before) before))))
  (unless once? (forget-others monitors failing))
  (let loop ((monitors monitors) (before before) (watches '()))
    (match monitors
      (() (for-each end-watch before) (reverse watches))
      ((monitor . rest)
       (call-with-values (lambda () (next monitor before))
         (lambda (watch before) (loop rest before (cons watch watches))))))))

(define (join-watches watches)
  "Wait until all of WATCHES, which run once, are over."
  (for-each (lambda (watch) (join (watch-task watch))) watches))
