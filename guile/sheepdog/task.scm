;;; task.scm -- ordinary code that waits without holding anybody up.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A task runs under a prompt.  What must wait (`sleep', `run-command', ...) hands the loop a way
;;; to go on, and aborts to the prompt; when the answer is there, the loop resumes the continuation.
(define-module (sheepdog task)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (srfi srfi-9)
  #:export (spawn-task run-task cancel-task join task-over? task-value
            current-task task-owner suspend call-without-waiting
            sleep with-timeout call-and-then
            &timed-out timed-out?
            task-cancelled?)
  #:replace (sleep))

(define-exception-type &timed-out &sheepdog-error
  make-timed-out timed-out?)

(define-exception-type &task-cancelled &sheepdog-error
  make-task-cancelled task-cancelled?)

(define-record-type <task>
  (make-task name owner end!)
  task?
  (name task-name)                        ; string, for messages
  (owner task-owner)                      ; true where the watchdog times its steps; see spawn-task
  (end! task-end!)                        ; result thunk -> ; the task is over
  (wait task-wait set-task-wait!)         ; (resume . abandon) while it waits, else #f
  (joiners task-joiners set-task-joiners!) ; resume procedures of those who wait for its end
  (over? task-over? set-task-over!)       ; boolean
  (result task-result set-task-result!))  ; thunk that returns or raises what the task did

(define prompt (make-prompt-tag "task"))

;; The task whose code is running now; #f between steps.
(define running #f)

;; Who it is that may not wait, in words, while it runs; else #f.
(define who-may-not-wait #f)

(define (call-without-waiting who thunk)
  "Call THUNK; where it would wait, that raises an error that says that WHO (a string) may not."
  (dynamic-wind
    (lambda () (set! who-may-not-wait who))
    thunk
    (lambda () (set! who-may-not-wait #f))))

(define (current-task)
  "The task that is running, or #f outside of any."
  running)

(define (step task thunk)
  "Run THUNK as a step of TASK: until it ends or waits."
  (let ((outer running))
    (dynamic-wind
      (lambda () (set! running task) (when (task-owner task) (%step-begin)))
      (lambda ()
        ;; The task catches its own errors; what arrives here is a continuation that cannot be
        ;; resumed, since it holds a C frame.
        (catch #t
          (lambda ()
            (call-with-prompt prompt thunk
              (lambda (continuation start) (wait-for task continuation start))))
          (lambda (key . arguments)
            ((task-end! task)
             (lambda ()
               (unless (eq? key 'wrong-type-arg) (apply throw key arguments))
               (error "a task cannot wait inside a procedure of Guile's own that is written in C,\
 such as sort or hash-for-each; collect first and wait afterwards"))))))
      (lambda () (when (task-owner task) (%step-end)) (set! running outer)))))

(define (wait-for task continuation start)
  (define this (cons #f (const #t)))
  (define (resume value-thunk)
    ;; A second answer, or one that comes after the wait was abandoned, is nobody's.
    (when (eq? (task-wait task) this)
      (set-task-wait! task #f)
      (step task (lambda () (continuation value-thunk)))))
  (set-car! this resume)
  (set-task-wait! task this)
  (let ((abandon (with-exception-handler
                     (lambda (exception)
                       (resume (lambda () (raise-exception exception))))
                   (lambda () (start resume))
                   #:unwind? #t)))
    (when (procedure? abandon) (set-cdr! this abandon))))

(define (suspend start)
  "Wait.  START is called with a procedure RESUME and returns a thunk that abandons the wait; when
RESUME is called with a thunk, the task goes on with what that returns or raises.
Errors: misc-error outside of a task."
  (unless running
    (scm-error 'misc-error "suspend" "only a task can wait; see run-task" '() '()))
  (when who-may-not-wait
    (scm-error 'misc-error "suspend" "~a may not wait" (list who-may-not-wait) '()))
  ((abort-to-prompt prompt start)))

(define (interrupt task make-condition)
  "Make what TASK waits for raise the condition that MAKE-CONDITION returns."
  (match (task-wait task)
    ((resume . abandon)
     (abandon)
     (resume (lambda () (raise-exception (make-condition)))))
    (#f #f)))

(define (task-value task)
  "What TASK, which must be over, returned; raises what it raised."
  ((task-result task)))

(define (log-failure task)
  (catch #t
    (lambda () (task-value task))
    (lambda (key . arguments)
      (unless (and (eq? key '%exception) (task-cancelled? (car arguments)))
        (log-error "~a: ~a" (task-name task) (throw->text key arguments))))))

(define* (spawn-task thunk #:key (name "task") owner (on-end log-failure))
  "Run THUNK as a task at once, up to its first wait, and return the task.  ON-END is called with it
when it is over; left out, an error in it is logged under NAME.  A true OWNER has its steps timed by
the watchdog; one that is a thunk is called in a step that takes too long, again and again until that
ends, and may leave it by raising."
  (define task
    (make-task name owner
               (lambda (result)
                 (set-task-over! task #t)
                 (set-task-result! task result)
                 (on-end task)
                 (for-each (lambda (resume) (%post (lambda () (resume (const #t)))))
                           (or (task-joiners task) '())))))
  (step task
        (lambda ()
          ((task-end! task)
           (with-exception-handler
               (lambda (exception) (lambda () (raise-exception exception)))
             (lambda ()
               (call-with-values thunk
                 (lambda results (lambda () (apply values results)))))
             #:unwind? #t))))
  task)

(define (cancel-task task)
  "End TASK where it waits: the wait raises &task-cancelled in it."
  (unless (task-over? task)
    (interrupt task
               (lambda ()
                 (make-exception (make-task-cancelled)
                                 (make-exception-with-message "the task was cancelled"))))))

(define* (run-task thunk #:key (name "task"))
  "Run THUNK as a task and turn the loop until it is over; return or raise what it did.
Not from within a task."
  (when running
    (scm-error 'misc-error "run-task" "already in a task" '() '()))
  (let ((task (spawn-task thunk #:name name #:on-end (const #t))))
    (let turn ()
      (unless (task-over? task)
        (unless (or (%loop-turn) (task-over? task))
          (scm-error 'misc-error "run-task" "~a waits for what cannot come any more"
                     (list name) #f))
        (turn)))
    (task-value task)))

(define (sleep seconds)
  "Wait SECONDS, a real number; other tasks go on."
  (if running
      (suspend
       (lambda (resume)
         (let ((timer (%timer-start seconds (lambda () (resume (const #t))))))
           (lambda () (%timer-stop timer)))))
      (run-task (lambda () (sleep seconds)))))

(define (with-timeout seconds thunk)
  "Call THUNK and return what it returns; where it waits when SECONDS are over, its wait raises
&timed-out."
  (if (not running)
      (run-task (lambda () (with-timeout seconds thunk)))
      (let* ((task running)
             (late (lambda ()
                     (make-exception
                      (make-timed-out)
                      (make-exception-with-message
                       (format #f "timed out after ~a s" seconds)))))
             (timer (%timer-start seconds (lambda () (interrupt task late)))))
        (call-and-then thunk (lambda () (%timer-stop timer))))))

(define (call-and-then thunk finally)
  "Call THUNK, and FINALLY when it has returned or raised; return or raise what it did.  THUNK may wait
meanwhile, which would leave the extent of a dynamic-wind."
  (call-with-values
      (lambda ()
        (with-exception-handler
            (lambda (exception)
              (finally)
              (raise-exception exception))
          thunk
          #:unwind? #t))
    (lambda results
      (finally)
      (apply values results))))

(define (join task)
  "Wait until TASK is over."
  (unless (task-over? task)
    (suspend
     (lambda (resume)
       (set-task-joiners! task (cons resume (or (task-joiners task) '())))))))
