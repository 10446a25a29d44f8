;;; lengths.scm -- a length of time, or a number without a unit, where a point in time belongs, seen in the text.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; (>o until (days 2)) holds of every time since 1970, where (ago (days 2)) was meant.
(define-module (sheepdog query asking lengths)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking quantity)
  #:use-module (sheepdog query asking visit)
  #:use-module (srfi srfi-1)
  #:export (check-lengths))

(define (check-lengths forms)
  "Look through FORMS, a question and what is defined for it, as `read' returned them.
Errors: &question-error with the place where a time is compared with a length of time, or with a number without a unit."
  (let* ((visited (visit forms))
         (quantity-of (quantities visited)))
    (for-each
     (match-lambda
       ((('ago (and (? real?) (? (negate zero?)) n)) place _ _)
        (raise-question-error place "(ago ~a) has no unit; write (ago (days ~a))" n n))
       ((form place scope _)
        (define (time? compared)
          (and compared (eq? 'time (quantity-of scope (car compared)))))
        (match (compared-with-length form)
          ((and (? time?) (name . length))
           (raise-question-error
            place "~s compares a time, ~a, with a length of time, ~s; write ~s for the time that long before now; \
what lies between two times durationo tells"
            form name length (list 'ago length)))
          (_ #t))
        (match (compared-with-number form)
          ((and (? time?) (name . n))
           (raise-question-error
            place "~s compares a time, ~a, with ~a, which has no unit; write (ago (days ~a)) for the time that many \
days before now, (at \"2026-10-01\") for a date"
            form name n (abs n)))
          (_ #t))))
     visited)))

;; Seconds since the epoch before which nobody looked after machines by this program.
(define first-time 100000000)

(define (compared-with-number form)
  ;; The variable that FORM compares with a number that is hardly meant for seconds since the epoch, and that; or #f.
  (define (small? argument)
    (and (real? argument) (not (zero? argument)) (< (abs argument) first-time)))
  (match form
    (((or '<o '<=o '>o '>=o 'betweeno '== '=/=) arguments ...)
     (let ((name (find symbol? arguments))
           (n (find small? arguments)))
       (and name n (cons name n))))
    (_ #f)))

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
