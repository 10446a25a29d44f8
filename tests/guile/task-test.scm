;;; task-test.scm -- tasks wait, fail, are cancelled and timed; the core's errors are conditions.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 exceptions)
             (sheepdog command)
             (sheepdog core)
             (sheepdog error)
             (sheepdog task)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(test-suite "task"
  (test-equal "a task returns what its code returns"
    42 (run-task (lambda () (sleep 0.001) 42)))

  (test-equal "tasks wait side by side"
    '(short long)
    (run-task
     (lambda ()
       (let ((order '()))
         (spawn-task (lambda () (sleep 0.05) (set! order (cons 'long order))))
         (spawn-task (lambda () (sleep 0.001) (set! order (cons 'short order))))
         (let wait () (unless (= 2 (length order)) (sleep 0.005) (wait)))
         (reverse order)))))

  (test-equal "handlers and dynamic-wind survive a wait"
    '(caught out in)
    (run-task
     (lambda ()
       (let ((trace '()))
         (define (note x) (set! trace (cons x trace)))
         (with-exception-handler
             (lambda (e) (note 'caught))
           (lambda ()
             (dynamic-wind
               (lambda () (unless (memq 'in trace) (note 'in)))
               (lambda () (sleep 0.001) (raise-exception 'boom))
               (lambda () (when (current-task) (unless (memq 'out trace) (note 'out))))))
           #:unwind? #t)
         trace))))

  (test-raises "a wait past its time is &timed-out" timed-out?
    (run-task (lambda () (with-timeout 0.01 (lambda () (sleep 60))))))

  (test-equal "what is in time is returned, and its timer does no harm later"
    '(1 2)
    (run-task
     (lambda ()
       (call-with-values
           (lambda () (with-timeout 0.02 (lambda () (values 1 2))))
         (lambda (a b) (sleep 0.04) (list a b))))))

  (test-equal "what is to be done at an end is done once, after the waits, however it ends"
    '((returned 1 2) (raised boom))
    (run-task
     (lambda ()
       (define ends '())
       (define (ends-with call)
         (let ((waited? #f))
           (call-and-then (lambda () (sleep 0.001) (set! waited? #t) (call))
                          (lambda () (set! ends (cons waited? ends))))))
       (define how
         (list (call-with-values (lambda () (ends-with (lambda () (values 1 2))))
                 (lambda results (cons 'returned results)))
               (with-exception-handler (lambda (e) (list 'raised e))
                 (lambda () (ends-with (lambda () (raise-exception 'boom))))
                 #:unwind? #t)))
       (and (equal? '(#t #t) ends) how))))

  (test-raises "a cancelled task's wait raises" task-cancelled?
    (run-task
     (lambda ()
       (let* ((caught #f)
              (task (spawn-task
                     (lambda ()
                       (with-exception-handler
                           (lambda (e) (set! caught e))
                         (lambda () (sleep 60))
                         #:unwind? #t)))))
         (cancel-task task)
         (raise-exception caught)))))

  (test-equal "a wait that cannot begin raises where the task waits"
    'caught
    (run-task
     (lambda ()
       (with-exception-handler
           (const 'caught)
         (lambda () (suspend (lambda (resume) (error "no way to begin"))))
         #:unwind? #t))))

  (test-equal "a wait under a C frame is named as such"
    "a task cannot wait inside a procedure of Guile's own that is written in C, such as sort or \
hash-for-each; collect first and wait afterwards"
    (with-exception-handler exception->text
      (lambda ()
        (run-task (lambda () (sort '(2 1) (lambda (a b) (sleep 0.001) (< a b))))))
      #:unwind? #t))

  (test-equal "a task that nothing can wake is an error"
    "task waits for what cannot come any more"
    (with-exception-handler exception->text
      (lambda () (run-task (lambda () (suspend (const #f)))))
      #:unwind? #t))

  (test-equal "ten thousand tasks sleep at once"
    20000
    (run-task
     (lambda ()
       (let ((n 0))
         (for-each (lambda (i)
                     (spawn-task (lambda ()
                                   (sleep 0.001) (set! n (+ n 1))
                                   (sleep 0.001) (set! n (+ n 1)))))
                   (iota 10000))
         (let wait () (unless (= n 20000) (sleep 0.01) (wait)))
         n))))

  (test-equal "tasks that hardly wait keep the loop from nothing else"
    'in-time
    (run-task
     (lambda ()
       (let ((end (+ 5 (%monotonic)))
             (answer 'nothing))
         (define (busy)
           (let hold ((until (+ 0.003 (%monotonic))))
             (when (< (%monotonic) until) (hold until)))
           (sleep 0.001)
           (when (and (eq? answer 'nothing) (< (%monotonic) end)) (busy)))
         (spawn-task (lambda () (run-command "true")
                       (set! answer (if (< (%monotonic) end) 'in-time 'late))))
         (for-each join (map (lambda (_) (spawn-task busy)) '(1 2 3)))
         answer))))

  (test-equal "a step that holds the loop is ended, and only that"
    '("held the loop" . fine)
    (begin
      (%watch-steps 0.1 (lambda () (when (%step-late?) (error "held the loop"))))
      (let* ((ended #f)
             (spin (lambda () (let loop () (loop)))))
        (spawn-task spin #:owner 'plugin #:on-end (lambda (task) (set! ended task)))
        (cons (with-exception-handler exception->text
                (lambda () (task-value ended))
                #:unwind? #t)
              (run-task (lambda () (sleep 0.2) 'fine))))))

  (test-equal "a failure of the core is a &core-error with its code"
    'invalid
    (with-exception-handler core-error-code
      (lambda () (%json->scm "{"))
      #:unwind? #t))

  (test-raises "a wrong type is refused before any work" exception?
    (%timer-start "soon" (const #t)))

  (test-equal "JSON comes and goes"
    "{\"a\":[1,2.5,null,true,\"ü\"],\"b\":{}}"
    (%scm->json (%json->scm "{\"b\":{},\"a\":[1,2.5,null,true,\"ü\"]}"))))
