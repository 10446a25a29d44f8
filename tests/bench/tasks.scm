;;; tasks.scm -- what direct style costs: ten thousand tasks that sleep twice, against as many timers
;;; with callbacks, both on our loop.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 format)
             (sheepdog core)
             (sheepdog task)
             (srfi srfi-1))

(define count 10000)
(define rounds 7)

(define (seconds-of thunk)
  (gc)
  (let ((begin (%monotonic)))
    (thunk)
    (- (%monotonic) begin)))

(define (with-tasks)
  (run-task
   (lambda ()
     (let ((open count))
       (suspend
        (lambda (resume)
          (do ((i 0 (+ i 1))) ((= i count))
            (spawn-task (lambda ()
                          (sleep 0.001)
                          (sleep 0.001)
                          (set! open (- open 1))
                          (when (zero? open) (resume (const #t))))))))))))

(define (with-callbacks)
  (run-task
   (lambda ()
     (let ((open count))
       (suspend
        (lambda (resume)
          (do ((i 0 (+ i 1))) ((= i count))
            (%timer-start
             0.001
             (lambda ()
               (%timer-start
                0.001
                (lambda ()
                  (set! open (- open 1))
                  (when (zero? open) (resume (const #t))))))))))))))

(define (median numbers) (list-ref (sort numbers <) (quotient (length numbers) 2)))

(with-tasks)
(with-callbacks)
(let* ((pairs (map (lambda (_) (cons (seconds-of with-tasks) (seconds-of with-callbacks)))
                   (iota rounds)))
       (ours (median (map car pairs)))
       (plain (median (map cdr pairs)))
       (ratio (median (map (lambda (pair) (/ (car pair) (cdr pair))) pairs))))
  (format #t "tasks ratio ~,2f (ours ~,3f s for ~a tasks with two sleeps, bare timers ~,3f s)~%"
          ratio ours count plain))
