;;; unmatched.scm -- comparisons of a question without answers that no fact of the store can meet.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; (<o memory 8) holds of no memory in bytes.  What a fact is the store tells: the least and the greatest value.
(define-module (sheepdog query asking unmatched)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query asking quantity)
  #:use-module (sheepdog query asking visit)
  #:use-module (sheepdog query text-hint)
  #:use-module (sheepdog store)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:export (unmatched))

(define (unmatched forms reader)
  "What FORMS, a question without answers, compares as none of the facts that READER reads can be: sentences."
  (let* ((visited (visit forms))
         (quantity-of (quantities visited)))
    (define keys                          ; pairs of a variable and the name of a fact
      (filter-map (match-lambda
                    ((((or 'facto 'fact-duringo) _ (or ('quote key) key) (? symbol? name) . _) _ scope _)
                     (and (or (string? key) (symbol? key))
                          (assq name scope)
                          (cons (assq name scope) (if (symbol? key) (symbol->string key) key))))
                    (_ #f))
                  visited))
    (define (about name order written scope)
      (define value (constant written))
      (cond ((not value) #f)
            ((assq-ref keys (assq name scope))
             => (lambda (key) (fact-fault key order value (number? written) reader)))
            ((and (eq? 'length (quantity-of scope name)) (number? written) (< 0 written 60))
             (format #f "~a is a length of time in seconds; ~a of another unit is written as (hours ~a)"
                     name written written))
            (else #f)))
    (delete-duplicates
     (filter-map (match-lambda
                   ((((? order? order) (? symbol? name) written) _ scope _) (about name order written scope))
                   ((((? order? order) written (? symbol? name)) _ scope _)
                    (about name (assq-ref mirrored order) written scope))
                   (_ #f))
                 visited))))

(define mirrored '((<o . >o) (>o . <o) (<=o . >=o) (>=o . <=o) (== . ==)))

(define (order? name) (and (assq name mirrored) #t))

(define (constant written)
  "The number or text that WRITTEN, a form, is; #f where that is not seen."
  (match written
    ((or (? real?) (? string?)) written)
    (((? symbol? unit) (? real? n))
     (let ((constructor (assq-ref constructors unit)))
       (and constructor (>= n 0) (constructor n))))
    (_ #f)))

(define constructors
  `((milliseconds . ,milliseconds) (seconds . ,seconds) (minutes . ,minutes) (hours . ,hours) (days . ,days)
    (weeks . ,weeks) (kibibytes . ,kibibytes) (mebibytes . ,mebibytes) (gibibytes . ,gibibytes)
    (tebibytes . ,tebibytes)))

(define (fact-fault key order value bare? reader)
  (match (select-one reader "SELECT min(value), max(value), count(*) = sum(typeof(value) IN ('integer', 'real'))
 FROM fact f JOIN key k ON k.key_id = f.key_id WHERE k.name = ?" key)
    (((? real? least) (? real? greatest) 1)
     (cond ((string? value)
            (format #f "~a is a number in this store, and no text~a" key (or (text-hint value) "")))
           ((and (memq order '(<o <=o ==)) ((if (eq? order '<o) >= >) least value))
            (format #f "~a is ~a at least in this store~a" key least (unit-hint value bare? least)))
           ((and (memq order '(>o >=o ==)) ((if (eq? order '>o) <= <) greatest value))
            (format #f "~a is ~a at most in this store~a" key greatest (unit-hint value bare? least)))
           (else #f)))
    (_ #f)))

(define (unit-hint value bare? least)
  (if (and bare? (exact-integer? value) (positive? value) (>= least (mebibytes 1)) (< value 1024))
      (format #f "; a size has its unit, as (gibibytes ~a)" value)
      ""))
