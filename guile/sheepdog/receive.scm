;;; receive.scm -- from reports to the store: receivers are called, their assertions committed.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog receive)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog plugin-loader)
  #:use-module (sheepdog report)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:use-module (srfi srfi-9)
  #:export (make-receivers receivers-set-aside receive-report receive-batches commit-reports!
            step-limit set-aside-after watch-plugin-steps! call-as-plugin-step call-abortable))

(define step-limit 1)       ; seconds that a step of a plugin may hold the loop
(define set-aside-after 3)  ; how often it may be late before it is not called any more

(define-record-type <receivers>
  (%make-receivers table late)
  receivers?
  (table receivers-table)  ; name -> <plugin>
  (late receivers-late))   ; name -> how often it held the loop for too long

(define (make-receivers plugins)
  "The receivers of every built-in plugin and of PLUGINS, which go before them."
  (let ((table (make-hash-table)))
    (for-each (lambda (plugin) (hashq-set! table (plugin-name plugin) plugin))
              (append (map load-plugin (builtin-plugin-names)) plugins))
    (%make-receivers table (make-hash-table))))

(define (receivers-set-aside receivers)
  "The names of the plugins that were set aside because they held the loop too often."
  (hash-fold (lambda (name times names) (if (>= times set-aside-after) (cons name names) names))
             '() (receivers-late receivers)))

(define (watch-plugin-steps!)
  "From now on a step of a plugin that holds the loop for `step-limit' seconds is aborted."
  (%watch-steps step-limit
                (lambda ()
                  (when (%step-late?)
                    (abort-to-prompt late-step)))))

(define late-step (make-prompt-tag "late-step"))

(define (call-abortable thunk)
  "Call THUNK, in which the watchdog may abort a step: then throw step-too-long.  THUNK itself sees no
exception, which it might catch in order to go on."
  (call-with-prompt late-step thunk
    (lambda (continuation) (throw 'step-too-long))))

(define (call-as-plugin-step thunk)
  "Call THUNK, timed as a step of a plugin."
  (dynamic-wind %step-begin thunk %step-end))

(define (receive-report receivers report)
  "What the receiver of REPORT's plugin makes of it, as the core takes it: (received . assertions),
(unknown-plugin . assertions) where there is no such plugin and `message' read it, or (dead . reason)."
  (let* ((name (report-plugin report))
         (known (hashq-ref (receivers-table receivers) name))
         (plugin (or known (hashq-ref (receivers-table receivers) 'message)))
         (late (hashq-ref (receivers-late receivers) name 0)))
    (if (>= late set-aside-after)
        (cons 'dead (format #f "receiver ~a is set aside: it held the daemon ~a times" name late))
        (catch #t
          (lambda ()
            (cons (if known 'received 'unknown-plugin)
                  (call-abortable
                   (lambda ()
                     (call-as-plugin-step
                      (lambda ()
                        ;; A receiver is pure: while it waited, no other report would be received.
                        (call-without-waiting
                         "a receiver" (lambda () ((plugin-receiver plugin) report)))))))))
          (lambda (key . arguments)
            (cons 'dead
                  (cond
                   ((eq? key 'step-too-long)
                    (hashq-set! (receivers-late receivers) name (+ late 1))
                    (log-error "receiver ~a held the daemon for more than ~a s~a" name step-limit
                               (if (= (+ late 1) set-aside-after)
                                   "; it is set aside until the next reload" ""))
                    (format #f "receiver ~a did not end within ~a s" name step-limit))
                   (else (format #f "receiver ~a: ~a" name (throw->text key arguments))))))))))

(define (checked verdict)
  ;; A receiver may return anything; what is no list cannot go to the core.
  (match verdict
    (((or 'received 'unknown-plugin) . (? list?)) verdict)
    (('dead . _) verdict)
    ((_ . value) (cons 'dead (format #f "the receiver returned ~s, not a list of assertions" value)))))

(define (read-reports receivers reports)
  "What RECEIVERS make of REPORTS, as `%store-commit' takes it: a list."
  (map (lambda (report) (checked (receive-report receivers report))) reports))

(define (commit-reports! store receivers reports)
  "Commit REPORTS, made here and not taken from a source, to STORE as RECEIVERS read them; return the
counts as `receive-batches' tells them.  Only in a task.  Errors: &core-error."
  (match (%intake reports)
    ((intake . received)
     (let ((counts (with-exception-handler
                       (lambda (exception)
                         (%intake-forget intake)
                         (raise-exception exception))
                     (lambda ()
                       (let ((verdicts (read-reports receivers received)))
                         (await (lambda (callback)
                                  (%store-commit store intake verdicts callback)))))
                     #:unwind? #t)))
       (%intake-forget intake)
       counts))))

(define batch-size 1000)
(define retry-delay 1)  ; seconds between two tries of a commit that may succeed later

(define* (receive-batches source store receivers #:key (on-commit (const #t)) patience)
  "Take batches from SOURCE, have the plugins of the procedure RECEIVERS (called for each batch, so
that a reload counts) read them, and commit them to STORE: for ever, or until nothing came for
PATIENCE seconds.  While one batch is being committed the next is read.  ON-COMMIT is called with
the counts of each commit, #(accepted doubled refused unjudged).  Only in a task."
  (define (commit intake verdicts)
    (with-exception-handler
        (lambda (exception)
          (log-error "store: ~a; trying again" (exception->text exception))
          (sleep retry-delay)
          (commit intake verdicts))
      (lambda ()
        (await (lambda (callback) (%store-commit store intake verdicts callback))))
      #:unwind? #t #:unwind-for-type &core-error))
  (define (next-batch)
    ;; -> (intake . reports), or #f when the patience is at its end.
    (let ((next (lambda ()
                  (await (lambda (callback) (%source-next source batch-size callback))))))
      (if patience
          (with-exception-handler (const #f)
            (lambda () (with-timeout patience next))
            #:unwind? #t #:unwind-for-type &timed-out)
          (next))))
  (let loop ((committing #f))
    (match (next-batch)
      (#f (when committing (join committing)))
      ((intake . reports)
       (let ((verdicts (read-reports (receivers) reports)))
         ;; At most one batch is being written while another is being read.
         (when committing (join committing))
         (loop
          (spawn-task
           (lambda ()
             (let ((counts (commit intake verdicts)))
               (await (lambda (callback) (%source-acknowledge source intake callback)))
               (on-commit counts)))
           #:name "commit")))))))
