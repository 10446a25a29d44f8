;;; shown.scm -- answers as people read them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query shown)
  #:use-module (sheepdog query question)
  #:use-module (sheepdog table)
  #:export (print-answers))

(define (print-answers answers forms)
  "Print ANSWERS to the question FORMS as a table; times in it are as people read them."
  (call-with-values (lambda () (answers->rows answers (question-variables forms)))
    (lambda (rows headings)
      (print-table headings (readable-times rows headings forms)))))

(define (readable-times rows headings forms)
  (let* ((times (question-time-variables forms))
         (time? (map (lambda (heading) (memq heading times)) headings)))
    (map (lambda (row)
           (map (lambda (cell time?) (if (and time? (real? cell)) (format-time cell) cell))
                row time?))
         rows)))
