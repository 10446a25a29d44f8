;;; lengths.scm -- a length of time where a point in time belongs, seen in the text of a question.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; (>o until (days 2)) holds of every time since 1970, where (ago (days 2)) was meant.
(define-module (sheepdog query asking lengths)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking quantity)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (check-lengths))

(define (check-lengths forms)
  "Look through FORMS, a question and what is defined for it, as `read' returned them.
Errors: &question-error with the place where a time is compared with a length of time."
  (let-values (((visited quantity-of) (look-through forms)))
    (for-each
     (match-lambda
       ((form place scope _)
        (match (compared-with-length form)
          ((name . length)
           (when (eq? 'time (quantity-of scope name))
             (raise-question-error
              place "~s compares a time, ~a, with a length of time, ~s; write ~s for the time that long before now; \
what lies between two times durationo tells"
              form name length (list 'ago length))))
          (#f #t))))
     visited)))

(define (compared-with-length form)
  ;; The variable that FORM compares with a length of time, and that; #f where it does not.
  (define (length? argument)
    (match argument
      (((or 'milliseconds 'seconds 'minutes 'hours 'days 'weeks) _) #t)
      (_ #f)))
  (match form
    (((or '<o '<=o '>o '>=o 'betweeno) arguments ...)
     (let ((name (find symbol? arguments))
           (length (find length? arguments)))
       (and name length (cons name length))))
    (_ #f)))
