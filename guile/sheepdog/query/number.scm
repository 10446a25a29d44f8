;;; number.scm -- numbers in questions have one form each.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query number)
  #:export (finite-real? canonical-number whole? as-store))

(define (finite-real? value)
  "True where VALUE is a real number that is neither infinite nor no number."
  (and (real? value) (not (nan? value)) (not (inf? value))))

(define (whole? number)
  "True where NUMBER is exact, whole, and no greater than the store has such numbers."
  (and (exact-integer? number) (<= (- (expt 2 63)) number (- (expt 2 63) 1))))

(define (canonical-number number)
  "NUMBER, real and finite, as the store gives it: exact where it is whole and not too great for it, but for
an inexact one so great that not every whole number has a form of its own; else inexact."
  (cond ((whole? number) number)
        ((exact? number) (canonical-number (exact->inexact number)))
        ((and (integer? number) (< (abs number) 9007199254740992.)) (inexact->exact number))
        (else number)))

(define (as-store operate)
  "OPERATE, + or its like, for two numbers as the store has it: what comes of whole ones is whole, or where
that is too great, what comes of their inexact forms."
  (lambda (a b)
    (let ((result (operate a b)))
      (if (or (inexact? result) (whole? result))
          result
          (operate (exact->inexact a) (exact->inexact b))))))
