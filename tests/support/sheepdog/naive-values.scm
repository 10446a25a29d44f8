;;; naive-values.scm -- what comparisons, computations and aggregates say of values, for naive.scm
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The rules:
;;; - Comparisons and computations take now for the present time.  #f is in no order and has no result;
;;;   nor has a text beside a number.  Results are exact where they are whole, else inexact.
;;; - What of 0 gives 0 must be said by another goal; else there is no answer.
;;; - Aggregates leave out #f and take now for the present time.  Of nothing, sumo makes 0, the others no
;;;   answer.  Texts are not added; numbers stand before them.
;;; - Numbers are compared in the form that rows have them in, as the doubles nearest to fractions.
;;; - Sums are exact; of numbers that are decimal fractions of six digits they are those of the fractions.
;;; - Whole numbers have 64 bits.  What would be greater is made of inexact numbers; lengths of time are
;;;   in microseconds then.
(define-module (sheepdog naive-values)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:export (holds? computed fold-values))

;; The texts of which it is known how old they are as versions, from the oldest on, and what matches.
(define versions '("" "1.2" "1.9" "1.10" "a" "ab" "b"))
(define patterns
  `(("a*" . ,(lambda (text) (string-prefix? "a" text)))
    ("?" . ,(lambda (text) (= 1 (string-length text))))))

(define (age text)
  (or (list-index (lambda (other) (equal? text other)) versions)
      (throw 'never-known text)))

(define (as-number value present)
  (if (eq? value 'now) present value))

(define (whole? number)
  (and (exact-integer? number) (<= (- (expt 2 63)) number (- (expt 2 63) 1))))

(define (tidy number)
  (let ((number (if (whole? number) number (exact->inexact number))))
    (if (and (integer? number) (<= (- (expt 2 63)) number) (< number (expt 2 63))) (inexact->exact number) number)))

(define (stored proc . numbers)
  (let ((result (apply proc numbers)))
    (if (or (inexact? result) (whole? result)) result (apply proc (map exact->inexact numbers)))))

(define (in-micros proc a b)
  (define (micros seconds) (tidy (round (* (inexact->exact seconds) 1000000))))
  (let ((result (stored proc (micros a) (micros b))))
    (if (and (exact? result) (integer? (/ result 1000000))) (/ result 1000000) (/ (exact->inexact result) 1e6))))

(define (decimal number)                ; the fraction of six digits that NUMBER is nearest to, or #f
  (let ((fraction (/ (round (* 1000000 (inexact->exact number))) 1000000)))
    (and (or (exact? number) (and (< (abs number) (/ (expt 2 53) 1000000)) (= number (exact->inexact fraction)))) fraction)))

(define (total numbers)
  (let ((decimals (map decimal numbers)) (sum (apply + (map inexact->exact numbers))))
    (cond ((every exact? numbers) (tidy sum))
          ((and (every identity decimals) (< (abs (apply + decimals)) (/ (expt 2 53) 1000000)))
           (exact->inexact (apply + decimals)))
          (else (exact->inexact sum)))))

(define (ordered a b number-test text-test)
  (cond ((and (real? a) (real? b)) (number-test (tidy a) (tidy b)))
        ((and (string? a) (string? b)) (text-test a b))
        (else #f)))

(define (holds? test values present)
  "True where the comparison or constraint TEST, a symbol, holds for VALUES."
  (match (cons test values)
    (('=/= a b) (not (equal? a b)))
    (('seeno _) #t)
    (('numbero a) (number? a))
    (('stringo a) (string? a))
    (('containso a part) (and (string? a) (string-contains a part) #t))
    (('matcheso a pattern) (and (string? a) ((assoc-ref patterns pattern) a)))
    (('version<o a b) (and (string? a) (string? b) (< (age a) (age b))))
    (_
     (match (cons test (map (lambda (value) (as-number value present)) values))
       (('<o a b) (ordered a b < string<?))
       (('<=o a b) (ordered a b <= string<=?))
       (('>o a b) (ordered a b > string>?))
       (('>=o a b) (ordered a b >= string>=?))
       (('betweeno a low high) (and (ordered a low >= string>=?) (ordered a high <= string<=?)))
       (('overlapso since until from to) (and (ordered since to < (const #f)) (ordered from until < (const #f))))))))

(define (computed name values unknown present)
  "What the computation NAME, a symbol, says where VALUES are known, but for those that are UNKNOWN: a pair
of the place of an argument and of what it is; no, where there is none; any, where it may be any number; #f,
where too much is unknown."
  (define (result n proc . inputs)
    (cond ((memq unknown inputs) #f)
          ((not (every real? inputs)) 'no)
          ((apply proc inputs) => (match-lambda ('any 'any) ((? finite? number) (cons n (tidy number))) (_ 'no)))
          (else 'no)))
  (define (known? value) (not (eq? value unknown)))
  (define (three a b c forward back)
    (cond ((and (known? a) (known? b)) (result 2 forward a b))
          ((known? a) (result 1 back c a))
          (else (result 0 back c b))))
  (match (cons name (map (lambda (value) (as-number value present)) values))
    (('pluso a b c) (three a b c (lambda (a b) (stored + a b)) (lambda (sum a) (stored - sum a))))
    (('timeso a b c)
     (three a b c (lambda (a b) (stored * a b))
            (lambda (product factor)
              (if (zero? factor)
                  (and (zero? product) 'any)
                  (/ (exact->inexact product) (exact->inexact factor))))))
    (('durationo since until _) (result 2 (lambda (since until) (in-micros - until since)) since until))
    (('withino since until from to _)
     (result 4 (lambda (since until from to) (max 0 (in-micros - (min until to) (max since from))))
             since until from to))))

(define (fold-values kind values present)
  "What the aggregate KIND, a symbol, makes of VALUES, in a list, which is empty where that is nothing."
  (define found (filter identity (map (lambda (value) (as-number value present)) values)))
  (define numbers (sort (filter real? found) <))
  (define texts (sort (filter string? found) string<?))
  (define n (length numbers))
  (define (number-at n) (list-ref numbers n))
  (match kind
    ('sumo (list (tidy (total numbers))))
    ('mino (match (append (map tidy numbers) texts) (() '()) ((least . _) (list least))))
    ('maxo (match (append (map tidy numbers) texts) (() '()) (sorted (list (last sorted)))))
    ((? (const (zero? n))) '())
    ('avgo (list (tidy (/ (exact->inexact (total numbers)) n))))
    ('mediano
     (let* ((alike (if (every exact? numbers) identity exact->inexact))
            (below (alike (number-at (quotient (- n 1) 2)))) (above (alike (number-at (quotient n 2)))))
       (list (tidy (cond ((= below above) below)
                         ((and (inexact? below) (decimal below) (decimal above)) (exact->inexact (/ (+ (decimal below) (decimal above)) 2)))
                         (else (+ (/ (exact->inexact below) 2) (/ (exact->inexact above) 2))))))))))
