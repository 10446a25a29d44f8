;;; number.scm -- numbers in questions have one form each.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query number)
  #:export (finite-real? canonical-number))

(define (finite-real? value)
  "True where VALUE is a real number that is neither infinite nor no number."
  (and (real? value) (not (nan? value)) (not (inf? value))))

(define (canonical-number number)
  "NUMBER, real and finite, as the store gives it: exact where it is whole, but for those so great that
not every whole number has a form of its own; else inexact."
  (cond ((exact-integer? number) number)
        ((exact? number) (canonical-number (exact->inexact number)))
        ((and (integer? number) (< (abs number) 9007199254740992.)) (inexact->exact number))
        (else number)))
