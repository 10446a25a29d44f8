;;; questions.scm -- five questions of a herd with 10 million reports, beside the SQL that an expert
;;; would write on the same store in the same process.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; $REPORTS sets how many reports; the store is made where there is none.  Warm is the median of 31,
;;; cold the first answer of a new process with a new connection, where the system's cache is warm.

(use-modules (herd five)
             (herd measure)
             (ice-9 format)
             (sheepdog query)
             (sheepdog store)
             (srfi srfi-1)
             (system base compile))

(define %allowance 2)  ; ms, that a question may take beside its SQL

(define (show-question question file reader)
  "Print a line about QUESTION; return the ratio."
  (define-values (ours sql rows) (measure-question question reader 31))
  (define ratio (/ (max 0 (- ours %allowance)) sql))
  (format #t "~16a ~8@a ms  SQL ~8@a ms  ratio ~,2f  rows ~6@a  cold ~8@a ms  SQL ~8@a ms~%"
          (question-name question) (show-number ours) (show-number sql) ratio rows
          (show-number (cold-milliseconds question 'ours file))
          (show-number (cold-milliseconds question 'sql file)))
  (force-output)
  ratio)

;;; Planning: each order of the goals is new when it is asked first, and planned when it is asked again.

(define (rotations list)
  (map (lambda (n) (append (drop list n) (take list n))) (iota (length list))))

(define (ask-in-orders goals)
  "Thunks that ask GOALS in twice as many orders as they are."
  (map (lambda (goals)
         (compile `(lambda () (run* (host service since) (fresh (memory until) ,@goals)))
                  #:env (resolve-module '(herd five))))
       (append (rotations goals) (rotations (reverse goals)))))

(define (time-of ask)
  (call-with-values (lambda () (milliseconds-of ask))
    (lambda (answers time) time)))

(define (show-planning)
  (let* ((asks (ask-in-orders six-goals))
         (first (median (cdr (map time-of asks))))
         (again (median (cdr (map time-of asks)))))
    (format #t "planning six goals: ~,2f ms (~,2f ms the first time, ~,2f ms once it is planned)~%"
            (- first again) first again)))

;;; Orders: that of the goals changes neither the answers nor, hardly, the time.

(define (show-orders)
  (define (comparable answers) (sort (map object->string answers) string<?))
  (let* ((asks (ask-in-orders seed-goals))
         (answers (map (lambda (ask) (comparable (ask))) asks))
         (times (map (lambda (ask) (median (map (lambda (_) (time-of ask)) (iota 11)))) asks)))
    (unless (every (lambda (other) (equal? other (first answers))) answers)
      (format (current-error-port) "the order of goals changes the answers~%")
      (exit 1))
    (format #t "the seed's question in ~a orders: ~,2f ms the fastest, ~,2f ms the slowest~%"
            (length asks) (apply min times) (apply max times))))

(define (main)
  (let* ((file (herd-file (reports-wanted)))
         (reader (open-reader file)))
    (open-herd file)
    (let ((ratios (map (lambda (question) (show-question question file reader))
                       (five-questions))))
      (parameterize ((current-present present)) (show-planning) (show-orders))
      (format #t "questions ratio ~,2f~%" (apply max ratios)))))

(main)
