;;; comparing.scm -- the order of terms, and comparisons, as SQL.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A term is an argument of an item and its operand, or #f where the argument is a constant.  Each
;;; comparison says in SQL what the goal of its name does in the search, see comparison.scm.
(define-module (sheepdog query plan comparing)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query plan operand)
  #:use-module ((sheepdog query time) #:select (seconds->computed))
  #:use-module (sheepdog stored-form)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (comparison-condition compare-operands order-key as-number as-micros))

;;; What terms are for comparisons and computations.

(define (number->micros-bound number)
  "A number that is to whole microseconds what NUMBER, of seconds, is to the same in seconds, see
micros->seconds."
  (let* ((seconds (canonical-number number))
         (exact (* 1000000 (inexact->exact seconds)))
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
      ('string (values 'text (lambda (_) (list (constant-slot argument identity)))))
      ('number
       (values 'number
               (lambda (other)
                 (list (constant-slot argument (if (memq other '(micros now))
                                               number->micros-bound
                                               canonical-number))))))
      ('now (values 'now (lambda (other) (now-for other))))
      (_ (values #f #f))))
   ((eq? 'micros (operand-storage operand))
    (let ((sql (time-sql operand)))
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

(define (time-sql operand)
  "SQL of OPERAND, in microseconds, which is the present time where it is now."
  (if (equal? '(now) (operand-null operand))
      `("coalesce(" ,@(operand-sql operand) ", " ,present-slot ")")
      (operand-sql operand)))

(define (now-for other)
  (if (memq other '(any column-number))
      (list "(" present-slot " / 1000000.0)")
      (list present-slot)))

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
        ('number (list (constant-slot argument seconds->computed)))
        (_ #f)))))

(define (as-text argument operand)
  "SQL of ARGUMENT as text, and a condition under which it is text; #f and #f where it never is."
  (call-with-values (lambda () (comparable argument operand))
    (lambda (domain sql)
      (match domain
        ('text (values (sql 'text) '()))
        ('any (values (sql 'text) (text-guard (sql 'text))))
        (_ (values #f #f))))))

;;; Order.

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
    ('micros (time-sql operand))
    (_ (operand-sql operand))))

;;; Comparisons.

(define (both-orders . conditions)
  (if (memq 'unknown conditions) 'unknown (apply all-of conditions)))

(define (comparison-condition name arguments operands)
  "The condition that the comparison NAME holds for ARGUMENTS, each with its operand, or #f for a
constant; #f where it never does; unknown where only the search can say."
  (match (list name arguments operands)
    (((and operator (or '<o '<=o '>o '>=o)) (a b) (x y))
     (compare-operands (string-drop-right (symbol->string operator) 1) a x b y))
    (('betweeno (a low high) (x y z))
     (both-orders (compare-operands "<=" low y a x) (compare-operands "<=" a x high z)))
    (('overlapso (since until from to) (s u f t))
     (both-orders (compare-operands "<" since s to t) (compare-operands "<" from f until u)))
    (('matcheso (text pattern) (x y))
     (texts-condition text x pattern y (lambda (a b) `(,@a " GLOB " ,@b))))
    (('containso (text part) (x y))
     (texts-condition text x part y (lambda (a b) `("instr(" ,@a ", " ,@b ") > 0"))))
    (('version<o (a b) (x y))
     (texts-condition a x b y (lambda (a b) `("version_compare(" ,@a ", " ,@b ") < 0"))))
    (('guix-version<o (a b) (x y))
     (texts-condition a x b y (lambda (a b) `("guix_version_compare(" ,@a ", " ,@b ") < 0"))))
    (_ 'unknown)))

(define (texts-condition a x b y combine)
  (let-values (((a-sql a-guard) (as-text a x))
               ((b-sql b-guard) (as-text b y)))
    (if (and a-sql b-sql)
        (all-of a-guard b-guard (combine a-sql b-sql))
        'unknown)))
