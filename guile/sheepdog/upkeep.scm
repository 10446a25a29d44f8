;;; upkeep.scm -- keeps the files of the store small while a daemon writes to it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog upkeep)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog retention)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:export (start-checkpoints start-retention))

(define checkpoint-delay 1)     ; seconds after a commit; the commits of that time share one
(define retention-delay 60)     ; seconds from the start of a daemon, which has enough to do then
(define retention-pause 0.1)    ; seconds between two steps, for those who wait for the writer
(define retention-period 3600)  ; seconds between two rounds

(define (attempt what thunk)
  "The value of THUNK; #f where it fails, which is logged as WHAT and tried again another time."
  (with-exception-handler
      (lambda (exception)
        (log-warning "~a: ~a" what (exception->text exception))
        #f)
    thunk
    #:unwind? #t #:unwind-for-type &core-error))

(define (start-checkpoints store)
  "Move what is committed to STORE into its database file, soon after it is committed; return a thunk
to be called after each commit."
  (define due? #f)      ; something was committed that is not moved
  (define wake (const #t))
  (define (wait)
    (unless due?
      (suspend (lambda (resume)
                 (set! wake (lambda () (resume (const #t))))))))
  (spawn-task
   (lambda ()
     (let loop ()
       (wait)
       (sleep checkpoint-delay)
       (set! due? #f)
       (when (attempt "checkpoint"
                      (lambda () (await (lambda (callback) (%store-checkpoint store callback)))))
         (set! due? #t))
       (loop)))
   #:name "checkpoints")
  (lambda ()
    (unless due?
      (set! due? #t)
      (wake))))

(define (start-retention store retention)
  "Let go of what is old in STORE, a little at a time, by what the thunk RETENTION returns then, a
<retention>."
  (define (step)
    (attempt "retention"
             (lambda ()
               (await (lambda (callback)
                        (%store-retain store (retention->vector (retention)) callback))))))
  (spawn-task
   (lambda ()
     (sleep retention-delay)
     (let loop ()
       (sleep (if (step) retention-pause retention-period))
       (loop)))
   #:name "retention"))
