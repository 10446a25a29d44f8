;;; operand.scm -- terms of a question as SQL, and the conditions between them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A template is a list of strings, of references (TABLE . COLUMN) and of <slot>s, for parameters.  An
;;; <operand> is what a variable of a question stands for: a template, and how the store writes its
;;; values there:
;;;   text    any string               package  a string behind "package."
;;;   number  an integer or a real     any      a string or a number, as it comes
;;;   micros  a time or a length of time, in microseconds, which a question has in seconds
;;;   status outcome                   symbols, as a number or a text
;;;   uuid    a UUID's text, as bytes
;;; Conditions mean exactly what == means of the values as questions see them.
(define-module (sheepdog query plan operand)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query type)
  #:use-module (sheepdog stored-form)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (make-operand make-sum sum->sql never-null
            operand? operand-sql operand-type operand-summands operand-storage operand-null
            operand-nullable? decoded
            slot? slot-index slot-convert constant-slot present-slot
            constant? constant-kind constant-index
            all-of number-guard text-guard
            equal-operands equal-constant differing-operands differing-constant
            known-at-moment value-at-moment))

(define-record-type <operand>
  (%make-operand sql type summands)
  operand?
  (sql operand-sql)             ; template
  (type operand-type)           ; see type.scm
  (summands operand-summands))  ; see make-sum; #f: it is none

(define (make-operand sql type)
  "The operand of SQL, a template, with values of TYPE."
  (%make-operand sql type #f))

(define (make-sum summands type)
  "The operand of the sum of SUMMANDS, a list of pairs of a sign, + or -, and a template, all of them in
microseconds; the first sign is +."
  (%make-operand `("(" ,@(sum->sql summands) ")") type summands))

(define (sum->sql summands)
  "The template of the sum of SUMMANDS, see make-sum."
  (match summands
    (((_ . first) . rest)
     (fold (lambda (summand sql)
             `(,@sql ,(if (eq? '+ (car summand)) " + " " - ") ,@(cdr summand)))
           first rest))))

(define-record-type <slot>
  (make-slot index convert)
  slot?
  (index slot-index)       ; of the constant in the question that it is for; #f: for none
  (convert slot-convert))  ; value -> what SQL gets, #f for NULL

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

(define (constant-slot constant convert)
  "The slot for CONSTANT, as what the procedure CONVERT makes of it."
  (make-slot (constant-index constant) convert))

;; For the present time, in microseconds.
(define present-slot
  (make-slot #f (lambda (_) (seconds->micros (present)))))

(define (known-at-moment row columns)
  "The condition that ROW, a table, was there at current-moment: at the first time that COLUMNS have."
  (let ((times (map (lambda (column) (list (cons row column))) columns)))
    `(,@(if (null? (cdr times)) (car times) `("coalesce(" ,@(separated times) ")"))
      " <= " ,present-slot)))

(define (separated templates)
  (append (car templates)
          (append-map (lambda (template) (cons ", " template)) (cdr templates))))

(define (value-at-moment row column ends)
  "What COLUMN of ROW, a table, was at current-moment, where it is NULL before the time of the column ENDS."
  `("(CASE WHEN " ,(cons row ends) " > " ,present-slot " THEN NULL ELSE "
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
(define (number-guard sql)
  "The condition that SQL, a template of any domain, is a number."
  `(,@sql " < ''"))
(define (text-guard sql)
  "The condition that SQL, a template of any domain, is text."
  `(,@sql " >= ''"))

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
        ,(constant-slot constant (converter (operand-type operand))))))

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
        ,(constant-slot constant (converter (operand-type operand))))))

(define (differing condition)
  ;; Where NULL is compared, nothing is equal.
  `("coalesce(NOT (" ,@condition "), 1)"))
