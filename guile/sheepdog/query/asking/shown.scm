;;; shown.scm -- answers as people read them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking shown)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query asking quantity)
  #:use-module (sheepdog query asking question)
  #:use-module (sheepdog query why)
  #:use-module (sheepdog table)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:export (print-answers print-with-reasons))

(define (print-answers answers forms)
  "Print ANSWERS to the question FORMS as a table; times and lengths of time in it are as people read
them, and numbers have three decimals at most where they are not small."
  (call-with-values (lambda () (answers->rows answers (question-variables forms)))
    (lambda (rows headings)
      (print-table headings (readable rows headings forms)))))

(define (print-with-reasons answer forms)
  "Print ANSWER to the question FORMS, for which reasons were wanted, and these."
  (call-with-values (lambda () (split-reasons answer))
    (lambda (answer reasons)
      (print-answers (list answer) forms)
      (print-reasons reasons)
      (newline))))

(define (readable rows headings forms)
  (let* ((quantities (question-quantities forms (question-run forms)))
         (forms (map (lambda (heading)
                       (match (assq-ref quantities heading)
                         ('time format-time)
                         ('length format-seconds)
                         (#f rounded)))
                     headings)))
    (map (lambda (row)
           (map (lambda (cell form) (if (real? cell) (form cell) cell)) row forms))
         rows)))

(define (rounded number)
  (if (or (integer? number) (< (abs number) 1) (nan? number) (inf? number))
      number
      (/ (round (* 1000 (exact->inexact number))) 1000)))
