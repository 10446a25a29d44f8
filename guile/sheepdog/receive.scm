;;; receive.scm -- from reports to the store: receivers are called, their assertions committed.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog receive)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:autoload (sheepdog failure-place) (find-failure-place)  ; it brings the debugger, 4 MB
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog plugin-loader)
  #:use-module (sheepdog report)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (make-receivers receive-batches commit-reports!
            step-limit set-aside-after watch-plugin-steps! call-as-plugin-step call-abortable))

(define step-limit 1)       ; seconds that a step of a plugin may hold the loop
(define set-aside-after 3)  ; how often it may be late before it is not called any more

(define-record-type <receivers>
  (%make-receivers table late faults worked)
  receivers?
  (table receivers-table)  ; name -> <plugin>
  (late receivers-late)      ; name -> how often it held the loop for too long
  (faults receivers-faults)  ; name -> list of <fault>: what it raised
  (worked receivers-worked)) ; name -> when one that has faults last received a report

;; Something that a receiver raised.
(define-record-type <fault>
  (make-fault text reason told)
  fault?
  (text fault-text)                    ; string: what was raised
  (reason fault-reason)                ; string: that, with the place
  (told fault-told set-fault-told!))   ; when it was logged

(define (make-receivers plugins)
  "The receivers of every built-in plugin and of PLUGINS, which go before them."
  (let ((table (make-hash-table)))
    (for-each (lambda (plugin) (hashq-set! table (plugin-name plugin) plugin))
              (append (map load-plugin (builtin-plugin-names)) plugins))
    (%make-receivers table (make-hash-table) (make-hash-table) (make-hash-table))))

(define (watch-plugin-steps!)
  "From now on a step of a plugin that holds the loop for `step-limit' seconds is aborted, and the thunk
that owns a task is called in such a step of it."
  (%watch-steps step-limit
                (lambda ()
                  (when (%step-late?)
                    (match (and=> (current-task) task-owner)
                      ((? procedure? late!) (late!))
                      (_ (when abortable? (abort-to-prompt late-step))))))))

(define late-step (make-prompt-tag "late-step"))

;; True inside of `call-abortable'.  A late step may be beyond it, where its error is put into words.
(define abortable? #f)

(define (call-abortable thunk)
  "Call THUNK, in which the watchdog may abort a step: then throw step-too-long.  THUNK itself sees no
exception, which it might catch in order to go on."
  (call-with-prompt late-step
    (lambda ()
      (dynamic-wind
        (lambda () (set! abortable? #t))
        thunk
        (lambda () (set! abortable? #f))))
    (lambda (continuation) (throw 'step-too-long))))

(define (call-as-plugin-step thunk)
  "Call THUNK, timed as a step of a plugin."
  (dynamic-wind %step-begin thunk %step-end))

;; What a receiver made of a report, as the core takes it, is its verdict: (received . assertions),
;; (unknown-plugin . assertions) where there is no such plugin and `message' read it, or
;; (dead . reason).

(define (receive-reports receivers reports)
  "The verdicts of RECEIVERS on REPORTS, in order."
  (let ((rest reports)
        (verdicts '()))
    (define (verdict! verdict)
      (set! verdicts (cons verdict verdicts))
      (set! rest (cdr rest)))
    (define (receive-rest)
      (unless (null? rest)
        (verdict! (verdict-of receivers (car rest)))
        (receive-rest)))
    ;; One net for all is cheap.  Where a receiver falls into it, the others go on behind it.
    (let again ()
      (catch #t
        (lambda ()
          ;; A receiver is pure: while it waited, no other report would be received.
          (call-abortable (lambda () (call-without-waiting "a receiver" receive-rest))))
        (lambda (key . arguments)
          (%step-end)
          (verdict! (cons 'dead (fault-of receivers (car rest) key arguments)))
          (again))))
    (reverse! verdicts)))

(define (plugin-for receivers report)
  (or (hashq-ref (receivers-table receivers) (report-plugin report))
      (hashq-ref (receivers-table receivers) 'message)))

(define (verdict-of receivers report)
  (let* ((name (report-plugin report))
         (late (hashq-ref (receivers-late receivers) name 0)))
    (if (>= late set-aside-after)
        (cons 'dead (format #f "receiver ~a is set aside: it held the daemon ~a times" name late))
        (let ((receiver (plugin-receiver (plugin-for receivers report))))
          (%step-begin)
          (let ((value (receiver report)))
            (%step-end)
            ;; It may return anything; what is no list cannot go to the core.
            (unless (list? value)
              (raise-plugin-error name "the receiver returned ~s, not a list of assertions" value))
            (when (hashq-ref (receivers-faults receivers) name)
              (hashq-set! (receivers-worked receivers) name (%monotonic)))
            (cons (if (hashq-ref (receivers-table receivers) name) 'received 'unknown-plugin)
                  value))))))

(define (fault-of receivers report key arguments)
  ;; -> why the receiver of REPORT is to blame for what was thrown, in words
  (define name (report-plugin report))
  (cond
   ((eq? key 'step-too-long)
    (let ((late (+ 1 (hashq-ref (receivers-late receivers) name 0))))
      (hashq-set! (receivers-late receivers) name late)
      (log-error "receiver ~a held the daemon for more than ~a s~a" name step-limit
                 (if (= late set-aside-after) "; it is set aside until the next reload" ""))
      (format #f "receiver ~a did not end within ~a s" name step-limit)))
   (else (reason-told receivers report key arguments))))

(define most-faults 20)  ; of one receiver that are remembered
(define quiet-time 60)   ; seconds until a fault that came and went is logged again

(define (reason-told receivers report key arguments)
  ;; What was thrown, in words; logged where it is new, or has come again after the receiver worked.
  (define name (report-plugin report))
  (define faults (hashq-ref (receivers-faults receivers) name '()))
  (define text (throw->text key arguments))
  (define (tell fault)
    (log-error "~a; its report is a dead letter" (fault-reason fault))
    (set-fault-told! fault (%monotonic)))
  (match (find (lambda (fault) (string=? text (fault-text fault))) faults)
    (#f
     (let* ((many? (>= (length faults) most-faults))
            (file (plugin-file (plugin-for receivers report)))
            (whose (not (check-failed-key? key arguments))))
       (let* ((place (and file whose (absolute-file-name? file)
                          (or (and (not many?) (place-of-fault receivers report)) file)))
              (reason (format #f "receiver ~a: ~a~a" name
                              (if place (string-append place ": ") "") text))
              (fault (make-fault text reason #f)))
         (unless many?
           (hashq-set! (receivers-faults receivers) name (cons fault faults))
           ;; What a receiver says of a report is the sender's affair.
           (if whose (tell fault) (set-fault-told! fault +inf.0)))
         reason)))
    (fault
     (let ((worked (hashq-ref (receivers-worked receivers) name)))
       (when (and worked (> worked (fault-told fault))
                  (> (%monotonic) (+ quiet-time (fault-told fault))))
         (tell fault))
       (fault-reason fault)))))

(define (check-failed-key? key arguments)
  (and (eq? key '%exception) (pair? arguments) (check-failed? (car arguments))))

(define (place-of-fault receivers report)
  (find-failure-place
   (plugin-for receivers report) plugin-receiver
   (lambda (plugin)
     (call-as-plugin-step
      (lambda ()
        (call-abortable
         (lambda ()
           (call-without-waiting
            "a receiver"
            (lambda ()
              (unless (list? ((plugin-receiver plugin) report))
                (raise-plugin-error (plugin-name plugin) "no list")))))))))))

(define (commit-reports! store receivers reports)
  "Commit REPORTS, made here and not taken from a source, to STORE as RECEIVERS read them; return the
counts as `receive-batches' tells them.  Only in a task.  Errors: &core-error."
  (match (%intake reports)
    ((intake . received)
     (call-and-then
      (lambda ()
        (let ((verdicts (receive-reports receivers received)))
          (await (lambda (callback)
                   (%store-commit store intake verdicts callback)))))
      (lambda () (%intake-forget intake))))))

(define batch-size 1000)
(define retry-delay 1)  ; seconds between two tries of a commit that may succeed later

(define retry-after 5)  ; seconds until a source that failed is asked again

(define (commit store intake verdicts)
  ;; -> the counts of the commit, which is tried until the store takes it
  (with-exception-handler
      (lambda (exception)
        (log-error "store: ~a; trying again" (exception->text exception))
        (sleep retry-delay)
        (commit store intake verdicts))
    (lambda ()
      (await (lambda (callback) (%store-commit store intake verdicts callback))))
    #:unwind? #t #:unwind-for-type &core-error))

(define (take-batch source)
  ;; -> (intake . reports)
  (await (lambda (callback) (%source-next source batch-size callback))))

(define (next-batch source)
  ;; A source that failed is asked again, for as long as it takes.
  (let ask ((last-error #f))
    (match (with-exception-handler exception->text
             (lambda () (take-batch source))
             #:unwind? #t #:unwind-for-type &core-error)
      ((? string? text)
       (unless (equal? text last-error)
         (log-error "receiving: ~a; trying again" text))
       (sleep retry-after)
       (ask text))
      (batch batch))))

(define (next-batch-within patience source)
  ;; -> as `take-batch', or #f when PATIENCE seconds have passed
  (with-exception-handler (const #f)
    (lambda () (with-timeout patience (lambda () (take-batch source))))
    #:unwind? #t #:unwind-for-type &timed-out))

(define (acknowledge source intake)
  ;; What is not acknowledged comes again and is known then.
  (with-exception-handler
      (lambda (exception)
        (log-error "receiving: cannot be acknowledged: ~a" (exception->text exception)))
    (lambda () (await (lambda (callback) (%source-acknowledge source intake callback))))
    #:unwind? #t #:unwind-for-type &core-error))

(define most-commits 6)  ; batches that were read and are not acknowledged yet

(define* (receive-batches source store receivers #:key (on-commit (const #t)) patience)
  "Take batches from SOURCE, have the plugins of the procedure RECEIVERS (called for each batch, so
that a reload counts) read them, and commit them to STORE: for ever, or until nothing came for
PATIENCE seconds.  While some are being committed, one after another, the next is read.  ON-COMMIT is
called with the counts of each commit, #(accepted doubled refused unjudged).  Only in a task."
  (define (with-room committing)
    (cond
     ((< (length committing) most-commits) committing)
     (else (join (car committing)) (cdr committing))))
  (let loop ((committing '()))  ; tasks, the oldest first
    (match (if patience (next-batch-within patience source) (next-batch source))
      (#f (for-each join committing))
      ((intake . reports)
       (let ((verdicts (receive-reports (receivers) reports)))
         (loop
          (append
           (with-room committing)
           (list
            (spawn-task
             (lambda ()
               ;; What is in the store is judged, whether or not the broker can be told now.
               (on-commit (commit store intake verdicts))
               (acknowledge source intake))
             #:name "commit")))))))))
