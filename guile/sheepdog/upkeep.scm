;;; upkeep.scm -- keeps a store small and quick to ask while a daemon writes to it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog upkeep)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog retention)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:export (start-checkpoints start-retention start-statistics take-statistics))

(define checkpoint-delay 1)     ; seconds after a commit; the commits of that time share one
(define retention-delay 60)     ; seconds from the start of a daemon, which has enough to do then
(define retention-pause 0.1)    ; seconds between two steps, for those who wait for the writer
(define retention-period 3600)  ; seconds between two rounds
(define statistics-delay 60)    ; seconds between two looks whether there is much more than last time
(define statistics-growth 3/2)  ; that many times as much is much more
(define statistics-period 60)   ; so many looks on, anything more is enough
(define statistics-pause 0.02)  ; seconds between two tables, for those who wait for the writer

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

(define (take-statistics store growth)
  "Tell SQLite how the values in STORE are spread, a table at a time, so that it knows in which order
to do a join; where there are GROWTH times the reports of last time, or there was none.  In a task."
  (define (step)
    (attempt "statistics"
             (lambda ()
               (await (lambda (callback) (%store-statistics store growth callback))))))
  (when (step)
    (sleep statistics-pause)
    (take-statistics store growth)))

(define (start-statistics store)
  "Take statistics of STORE from time to time: an hour after the last ones if anything came, sooner if
much did, as by an import."
  (spawn-task
   (lambda ()
     (let loop ((n 0))
       (sleep statistics-delay)
       (take-statistics store (if (zero? (modulo n statistics-period)) 1 statistics-growth))
       (loop (+ n 1))))
   #:name "statistics"))
