;;; questions.scm -- five questions of a herd with 10 million reports, beside the SQL that an expert
;;; would write on the same store in the same process.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; $REPORTS sets how many reports; the store is made where there is none.  Warm is the median of 11,
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
  (define-values (ours sql rows) (measure-question question reader 11))
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

(define (show-planning)
  (let* ((orders (append (rotations six-goals) (rotations (reverse six-goals))))
         (asks (map (lambda (goals)
                      (compile `(lambda ()
                                  (run* (host service since) (fresh (memory until) ,@goals)))
                               #:env (resolve-module '(herd five))))
                    orders))
         (times (lambda ()
                  (map (lambda (ask)
                         (call-with-values (lambda () (milliseconds-of ask))
                           (lambda (answers time) time)))
                       asks)))
         (first (median (cdr (times))))
         (again (median (cdr (times)))))
    (format #t "planning six goals: ~,2f ms (~,2f ms the first time, ~,2f ms once it is planned)~%"
            (- first again) first again)))

(define (main)
  (let* ((file (herd-file (reports-wanted)))
         (reader (open-reader file)))
    (open-herd file)
    (let ((ratios (map (lambda (question) (show-question question file reader))
                       (five-questions))))
      (parameterize ((current-present present)) (show-planning))
      (format #t "questions ratio ~,2f~%" (apply max ratios)))))

(main)
