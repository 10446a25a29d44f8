;;; operand.scm -- terms of a question as SQL, and the conditions between them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A template is a list of strings, of references (TABLE . COLUMN) and of <placeholder>s.  An <operand> is
;;; what a variable of a question stands for: a template, and how the store writes its values there:
;;;   text    any string               package  a string behind "package."
;;;   number  an integer or a real     any      a string or a number, as it comes
;;;   micros  a time or a length of time, in microseconds, which a question has in seconds
;;;   status outcome                   symbols, as a number or a text
;;;   uuid    a UUID's text, as bytes
;;; Conditions mean exactly what == and comparisons mean of the values as questions see them.
(define-module (sheepdog query plan operand)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query type)
  #:use-module (sheepdog stored-form)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:export (make-operand make-sum never-null operand? operand-sql operand-type operand-storage operand-null operand-nullable?
            placeholder? placeholder-index placeholder-convert
            constant? constant-kind constant-index
            equal-operands equal-constant differing-operands differing-constant
            compare-operands order-key known-at-moment value-at-moment
            as-number as-micros as-text all-of))

(define-record-type <operand>
  (%make-operand sql type summands)
  operand?
  (sql operand-sql)             ; template
  (type operand-type)           ; see type.scm
  (summands operand-summands))  ; see make-sum

(define (make-operand sql type)
  "The operand of SQL, a template, with values of TYPE."
  (%make-operand sql type #f))

(define (make-sum summands type)
  "The operand of the sum of SUMMANDS, a list of pairs of a sign, + or -, and a template, all of them in
microseconds; the first sign is +."
  (%make-operand `("(" ,@(sum->sql summands) ")") type summands))

(define (sum->sql summands)
  (match summands
    (((_ . first) . rest)
     (fold (lambda (summand sql)
             `(,@sql ,(if (eq? '+ (car summand)) " + " " - ") ,@(cdr summand)))
           first rest))))

(define-record-type <placeholder>
  (make-placeholder index convert)
  placeholder?
  (index placeholder-index)       ; of the constant in the question; #f: there is none
  (convert placeholder-convert))  ; value -> what SQL gets, #f for NULL

(define (operand-storage operand)
  "How the store writes the values of OPERAND, a symbol as above."
  (type-storage (operand-type operand)))

(define (operand-null operand)
  "What NULL of OPERAND stands for, in a list; empty: it is never NULL."
  (type-null (operand-type operand)))

(define (never-null operand)
  "OPERAND, a time, number or the like, where it is known not to be NULL."
  (%make-operand (operand-sql operand)
                 (match (operand-storage operand)
                   ('micros (type-named 'time))
                   ('number (type-named 'number))
                   (_ (operand-type operand)))
                 (operand-summands operand)))

(define (operand-nullable? operand)
  "True where OPERAND may be NULL."
  (pair? (operand-null operand)))

;;; Constants: (const KIND . INDEX), KIND being string, number, other, or the value itself where it is a
;;; symbol or a boolean.

(define (constant? argument)
  "True where ARGUMENT of an item is a constant."
  (and (pair? argument) (eq? 'const (car argument))))

(define constant-kind cadr)
(define constant-index cddr)

(define (parameter constant convert)
  (make-placeholder (constant-index constant) convert))

(define present-parameter
  (make-placeholder #f (lambda (_) (seconds->micros (present)))))

(define (known-at-moment row columns)
  "The condition that ROW, a table, was there at current-moment: at the first time that COLUMNS have."
  (let ((times (map (lambda (column) (list (cons row column))) columns)))
    `(,@(if (null? (cdr times)) (car times) `("coalesce(" ,@(separated times) ")"))
      " <= " ,present-parameter)))

(define (separated templates)
  (append (car templates)
          (append-map (lambda (template) (cons ", " template)) (cdr templates))))

(define (value-at-moment row column ends)
  "What COLUMN of ROW, a table, was at current-moment, where it is NULL before the time of the column ENDS."
  `("(CASE WHEN " ,(cons row ends) " > " ,present-parameter " THEN NULL ELSE "
    ,(cons row column) " END)"))

;;; Templates.

(define (all-of . conditions)
  "The template that all CONDITIONS, templates, hold; #f where one of them is #f, which never holds."
  (let loop ((conditions conditions) (sql '()))
    (match conditions
      (() sql)
      ((#f . _) #f)
      ((() . rest) (loop rest sql))
      ((first . rest)
       (loop rest (if (null? sql) first `(,@sql " AND " ,@first)))))))

;; Numbers come before all texts in SQLite's order, and '' is the first of these.
(define (number-guard sql) `(,@sql " < ''"))
(define (text-guard sql) `(,@sql " >= ''"))

;;; Equality.

(define (decoded operand)
  "OPERAND in the form that questions see, for comparing it with one that the store writes otherwise: its
SQL and its domain, text, number, any or symbol."
  (let ((sql (operand-sql operand)))
    (match (operand-storage operand)
      ('micros (values `("(" ,@sql " / 1000000.0)") 'number))
      ('package (values `("substr(" ,@sql ", 9)") 'text))
      ('uuid
       (values `("(SELECT lower(substr(u, 1, 8) || '-' || substr(u, 9, 4) || '-' || substr(u, 13, 4) || \
'-' || substr(u, 17, 4) || '-' || substr(u, 21)) FROM (SELECT hex(" ,@sql ") AS u))")
               'text))
      ('status
       (values `("(CASE " ,@sql " WHEN 0 THEN 'ok' WHEN 1 THEN 'warning' WHEN 2 THEN 'critical' \
WHEN 3 THEN 'unknown' ELSE 'missing' END)")
               'symbol))
      ('outcome (values `("coalesce(" ,@sql ", 'running')") 'symbol))
      (domain (values sql domain)))))

(define (equal-operands a b)
  "The condition that the operands A and B are equal; #f where they never are."
  (define both-null?
    (and (operand-nullable? a) (equal? (operand-null a) (operand-null b))))
  (define (equal x y)
    `(,@x ,(if both-null? " IS " " = ") ,@y))
  (if (eq? (operand-storage a) (operand-storage b))
      (equal (operand-sql a) (operand-sql b))
      (call-with-values (lambda () (decoded a))
        (lambda (x x-domain)
          (call-with-values (lambda () (decoded b))
            (lambda (y y-domain)
              (match (list x-domain y-domain)
                ((d d) (equal x y))
                (('any 'number) (all-of (equal x y) (number-guard x)))
                (('number 'any) (all-of (equal x y) (number-guard y)))
                (('any 'text) (all-of (equal x y) (text-guard x)))
                (('text 'any) (all-of (equal x y) (text-guard y)))
                (_ (and both-null? `(,@x " IS NULL AND " ,@y " IS NULL"))))))))))

(define (equal-constant operand constant)
  "The condition that OPERAND is CONSTANT."
  (if (and (operand-nullable? operand)
           (eq? (constant-kind constant) (car (operand-null operand))))
      `(,@(operand-sql operand) " IS NULL")
      `(,@(operand-sql operand) " = "
        ;; NULL, for what no row can have, equals nothing.
        ,(parameter constant (converter (operand-type operand))))))

(define converters (make-hash-table))

(define (converter type)
  ;; One for each type, so that the same constant is seen to be the same parameter.
  (or (hashq-ref converters type)
      (let ((convert (lambda (value)
                       (match (type->store type value) ((stored) stored) (#f #f)))))
        (hashq-set! converters type convert)
        convert)))

(define (differing-operands a b)
  "The condition that the operands A and B differ."
  (if (and (eq? (operand-storage a) (operand-storage b))
           (not (operand-nullable? a))
           (not (operand-nullable? b)))
      `(,@(operand-sql a) " <> " ,@(operand-sql b))
      (match (equal-operands a b)
        (#f '())
        (condition (differing condition)))))

(define (differing-constant operand constant)
  "The condition that OPERAND is not CONSTANT."
  (if (operand-nullable? operand)
      (differing (equal-constant operand constant))
      ;; Of NULL, for what no row can have, that is true.
      `(,@(operand-sql operand) " IS NOT "
        ,(parameter constant (converter (operand-type operand))))))

(define (differing condition)
  ;; Where NULL is compared, nothing is equal.
  `("coalesce(NOT (" ,@condition "), 1)"))

;;; Order.

(define (number->parameter number)
  (if (and (exact? number) (not (exact-integer? number)))
      (exact->inexact number)
      number))

(define (number->micros-bound seconds)
  "A number that is to whole microseconds what SECONDS is to the same in seconds, see micros->seconds."
  (let* ((exact (* 1000000 (inexact->exact seconds)))
         (nearest (round exact)))
    (if (= seconds (micros->seconds nearest))
        nearest
        (exact->inexact (+ 1/2 (floor exact))))))

(define (comparable argument operand)
  "ARGUMENT of a comparison, of which OPERAND is what it stands for or #f where it is a constant, as a
domain (number text any micros now) and a procedure (other domain -> SQL); #f and #f where it is of
another kind."
  (cond
   ((not operand)
    (match (constant-kind argument)
      ('string (values 'text (lambda (_) (list (parameter argument identity)))))
      ('number
       (values 'number
               (lambda (other)
                 (list (parameter argument (if (memq other '(micros now))
                                               number->micros-bound
                                               number->parameter))))))
      ('now (values 'now (lambda (other) (now-for other))))
      (_ (values #f #f))))
   ((eq? 'micros (operand-storage operand))
    (let ((sql (if (equal? '(now) (operand-null operand))
                   `("coalesce(" ,@(operand-sql operand) ", " ,present-parameter ")")
                   (operand-sql operand))))
      (values 'micros
              (lambda (other)
                (if (memq other '(any column-number))
                    `("(" ,@sql " / 1000000.0)")
                    sql)))))
   (else
    (call-with-values (lambda () (decoded operand))
      (lambda (sql domain)
        (match domain
          ('symbol (values #f #f))
          ('number (values 'column-number (const sql)))
          (_ (values domain (const sql)))))))))

(define (now-for other)
  (if (memq other '(any column-number))
      (list "(" present-parameter " / 1000000.0)")
      (list present-parameter)))

(define (compare-operands operator a a-operand b b-operand)
  "The condition that the arguments A and B, with what they stand for or #f for a constant, stand in the
order of OPERATOR, as \"<\"; unknown where they are of kinds that have no order, which is a mistake."
  (call-with-values (lambda () (comparable a a-operand))
    (lambda (a-domain a-sql)
      (call-with-values (lambda () (comparable b b-operand))
        (lambda (b-domain b-sql)
          (define (number? domain) (memq domain '(number column-number micros now)))
          (define (compared)
            `(,@(a-sql b-domain) " " ,operator " " ,@(b-sql a-domain)))
          (define (compared-times)
            (let ((a (summands-of a a-operand a-sql b-domain))
                  (b (summands-of b b-operand b-sql a-domain)))
              (if (> (+ (length a) (length b)) 2)
                  (compare-sums operator a b)
                  (compared))))
          (match (list a-domain b-domain)
            ((or (#f _) (_ #f)) 'unknown)
            (('text 'text) (compared))
            (('any 'any)
             (all-of (compared)
                     `("(" ,@(number-guard (a-sql 'any)) ") = (" ,@(number-guard (b-sql 'any)) ")")))
            (('any 'text) (all-of (compared) (text-guard (a-sql 'text))))
            (('text 'any) (all-of (compared) (text-guard (b-sql 'text))))
            (('any (? number?)) (all-of (compared) (number-guard (a-sql b-domain))))
            (((? number?) 'any) (all-of (compared) (number-guard (b-sql a-domain))))
            ((or ('micros (or 'micros 'number 'now)) ((or 'number 'now) 'micros)) (compared-times))
            (((? number?) (? number?)) (compared))
            (_ 'unknown)))))))

(define (summands-of argument operand sql other)
  (or (and operand (operand-summands operand))
      (list (cons '+ (sql other)))))

(define (compare-sums operator a b)
  "The condition that the sums A and B, lists of summands, stand in the order of OPERATOR: for each column
among them what it must be, so that an index of any of them may find it."
  (define (negate summand)
    (cons (if (eq? '+ (car summand)) '- '+) (cdr summand)))
  (define (positive-first summands)
    (let-values (((plus minus) (partition (lambda (summand) (eq? '+ (car summand))) summands)))
      (append plus minus)))
  ;; A column with its sign on the left, all else on the right.
  (define all (append a (map negate b)))
  (define (alone summand)
    (let ((rest (delq summand all)))
      (if (eq? '+ (car summand))
          `(,@(cdr summand) " " ,operator " " ,@(in-parentheses (positive-first (map negate rest))))
          `(,@(cdr summand) " " ,(turned operator) " " ,@(in-parentheses (positive-first rest))))))
  (define (in-parentheses summands)
    (match summands
      ((('+ . sql)) sql)
      ((('- . sql) . _) `("(0 - " ,@(cdr (sum->sql (cons '(+ "") summands))) ")"))
      (_ `("(" ,@(sum->sql summands) ")"))))
  (match (filter (match-lambda ((_ (? pair?)) #t) (_ #f)) all)
    (() (alone (car all)))
    (columns (apply all-of (map alone columns)))))

(define (turned operator)
  (match operator ("<" ">") ("<=" ">=") (">" "<") (">=" "<=") ("=" "=")))

(define (order-key operand)
  "SQL by which rows stand in the order of OPERAND's values, see ordero."
  (match (operand-storage operand)
    ((or 'status 'outcome)
     (call-with-values (lambda () (decoded operand)) (lambda (sql _) sql)))
    ('micros
     (if (equal? '(now) (type-null (operand-type operand)))
         `("coalesce(" ,@(operand-sql operand) ", " ,present-parameter ")")
         (operand-sql operand)))
    (_ (operand-sql operand))))

;;; What computations take.

(define (as-number argument operand)
  "SQL of ARGUMENT, see comparable, as a number, and a condition under which it is one; #f and #f where
it never is."
  (call-with-values (lambda () (comparable argument operand))
    (lambda (domain sql)
      (match domain
        ((or 'number 'column-number 'micros 'now) (values (sql 'column-number) '()))
        ('any (values (sql 'any) (number-guard (sql 'any))))
        (_ (values #f #f))))))

(define (as-micros argument operand)
  "SQL of ARGUMENT in microseconds, where it is a time or a constant; else #f."
  (call-with-values (lambda () (comparable argument operand))
    (lambda (domain sql)
      (match domain
        ((or 'micros 'now) (sql 'micros))
        ('number (list (parameter argument seconds->micros)))
        (_ #f)))))

(define (as-text argument operand)
  "SQL of ARGUMENT as text, and a condition under which it is text; #f and #f where it never is."
  (call-with-values (lambda () (comparable argument operand))
    (lambda (domain sql)
      (match domain
        ('text (values (sql 'text) '()))
        ('any (values (sql 'text) (text-guard (sql 'text))))
        (_ (values #f #f))))))
