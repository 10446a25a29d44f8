;;; number.scm -- numbers in questions have one form each.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query number)
  #:export (finite-real? canonical-number whole? millionths as-store))

(define (finite-real? value)
  "True where VALUE is a real number that is neither infinite nor no number."
  (and (real? value) (not (nan? value)) (not (inf? value))))

(define (whole? number)
  "True where NUMBER is exact, whole, and no greater than the store has such numbers."
  (and (exact-integer? number) (<= (- (expt 2 63)) number (- (expt 2 63) 1))))

(define (canonical-number number)
  "NUMBER, real and finite, as the store gives it: exact where it is whole and not too great for it; else
inexact.  So numbers that SQL has for equal have one form."
  (cond ((whole? number) number)
        ((exact? number) (canonical-number (exact->inexact number)))
        ((and (integer? number) (<= -9223372036854775808. number) (< number 9223372036854775808.)) (inexact->exact number))
        (else number)))

(define (millionths number)
  "NUMBER, canonical, in millionths, where it is whole, or the inexact number nearest to so many of them and
these have 53 bits; else #f.  See the core's as_millionths."
  (if (exact? number)
      (* 1000000 number)
      (let ((count (round (* number 1e6))))
        (and (< (abs count) 9007199254740992.)
             (= number (/ count 1e6))
             (inexact->exact count)))))

(define (as-store operate)
  "OPERATE, + or its like, for two numbers as the store has it: what comes of whole ones is whole, or where
that is too great, what comes of their inexact forms."
  (lambda (a b)
    (let ((result (operate a b)))
      (if (or (inexact? result) (whole? result))
          result
          (operate (exact->inexact a) (exact->inexact b))))))
