;;; computing.scm -- computations and aggregates as SQL.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Each says in SQL what the goal of its name does in the search, see computation.scm and aggregate.scm.
(define-module (sheepdog query plan computing)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query plan comparing)
  #:use-module (sheepdog query plan operand)
  #:use-module (sheepdog query type)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (computation-result fold-operand fold-condition))

;;; Computations.

(define (computation-result name arguments operands)
  "What the computation NAME of ARGUMENTS, each with its operand, #f for a constant, or unknown, says: a
list of the index of the argument that it tells, of the operand of that, and of conditions; #f where
only the search can say."
  (match (list name arguments operands)
    (('durationo (since until seconds) (x y z))
     (match (list x y z)
       (((not 'unknown) (not 'unknown) _)
        (micros-sum 2 'length (list since until) (list x y)
                    (lambda (since until) `((+ . ,until) (- . ,since)))))
       (((not 'unknown) _ (not 'unknown))
        (micros-sum 1 'time (list since seconds) (list x z)
                    (lambda (since seconds) `((+ . ,since) (+ . ,seconds)))))
       ((_ (not 'unknown) (not 'unknown))
        (micros-sum 0 'time (list until seconds) (list y z)
                    (lambda (until seconds) `((+ . ,until) (- . ,seconds)))))
       (_ #f)))
    (('withino (since until from to _)
               ((not 'unknown) (not 'unknown) (not 'unknown) (not 'unknown) _))
     (micros-result 4 (take arguments 4) (take operands 4)
                    (lambda (since until from to)
                      `("max(0, min(" ,@until ", " ,@to ") - max(" ,@since ", " ,@from "))"))))
    (('pluso (a b sum) (x y z))
     (two-of-three arguments operands
                   "number_sum" "number_difference"))
    (('timeso (a b product) (x y z))
     (two-of-three arguments operands
                   "number_product" "number_quotient"))
    (((or 'timeso/last 'timeso/forward) (a b product) ((not 'unknown) (not 'unknown) z))
     (two-of-three arguments operands
                   "number_product" "number_quotient"))
    (('dayo (time _) ((not 'unknown) _))
     (match (as-micros time (first operands))
       (#f #f)
       (sql (list 1
                  (make-operand `("date(" ,@sql " / 1000000, 'unixepoch', 'localtime')")
                                (type-named 'string))
                  ;; As day-of has it.
                  `(,@sql " BETWEEN 0 AND 253402300799999999")))))
    (_ #f)))

(define (missing? operand)
  ;; NULL that is now is the present time.
  (and (operand? operand)
       (operand-nullable? operand)
       (not (equal? '(now) (operand-null operand)))))

(define (if-null operands count sql)
  "The condition that SQL is not NULL, where one of the first COUNT of OPERANDS may be; else none."
  (if (any missing? (take operands count))
      `(,@sql " IS NOT NULL")
      '()))

(define (micros-result index arguments operands combine)
  (let ((sqls (map as-micros arguments operands)))
    (and (every identity sqls)
         (let ((sql (apply combine sqls)))
           (list index (make-operand sql (type-named 'length))
                 (if-null operands (length operands) sql))))))

(define (micros-sum index type arguments operands summands)
  (let ((sqls (map as-micros arguments operands)))
    (and (every identity sqls)
         (let ((sum (make-sum (apply summands sqls) (type-named type))))
           (list index sum (if-null operands (length operands) (operand-sql sum)))))))

(define (two-of-three arguments operands forwards backwards)
  "The result of a computation of two numbers and a third one that the SQL function FORWARDS makes of them;
BACKWARDS makes the second of the third and the first, or the first of the third and the second."
  (define (result index i j function)
    (let-values (((a a-guard) (as-number (list-ref arguments i) (list-ref operands i)))
                 ((b b-guard) (as-number (list-ref arguments j) (list-ref operands j))))
      (and a b
           (let ((sql `(,function "(" ,@a ", " ,@b ")")))
             (list index
                   (make-operand sql (type-named 'number))
                   a-guard b-guard
                   ;; There may be no such number.
                   `(,@sql " IS NOT NULL"))))))
  (match operands
    (((not 'unknown) (not 'unknown) _) (result 2 0 1 forwards))
    (((not 'unknown) _ (not 'unknown)) (result 1 2 0 backwards))
    ((_ (not 'unknown) (not 'unknown)) (result 0 2 1 backwards))
    (_ #f)))

;;; Aggregates.

(define (fold-operand kind input operand)
  "The operand of what the aggregate KIND, a symbol, makes of INPUT, whose OPERAND is #f where it is a
constant; #f where only the search can say."
  (define (result function sql type)
    (make-operand `(,function "(" ,@sql ")") (type-named type)))
  (match kind
    ('counto (make-operand '("count(*)") (type-named 'number)))
    (_
     (match (and operand (operand-storage operand))
       ('micros
        (let ((micros (as-micros input operand)))
          (if (memq kind '(mino maxo))
              (result (function-of kind) micros 'length)
              ;; The search adds up seconds, too; which are millionths, see exact_sum.
              (result (function-of kind) `(,@micros " / 1000000.0") 'number))))
       ('number (result (function-of kind) (operand-sql operand) 'number))
       ('any
        (if (memq kind '(mino maxo))
            (result (function-of kind) (operand-sql operand) 'value)
            (result (function-of kind)
                    `("CASE WHEN " ,@(operand-sql operand) " < '' THEN " ,@(operand-sql operand) " END")
                    'number)))
       ('text
        (and (memq kind '(mino maxo)) (result (function-of kind) (operand-sql operand) 'string)))
       (_ #f)))))

(define (function-of kind)
  (match kind
    ('sumo "exact_sum") ('mino "min") ('maxo "max") ('avgo "exact_mean") ('mediano "median")))

(define (fold-condition kind operand)
  "The condition that what the aggregate KIND made, OPERAND, is something."
  (if (memq kind '(counto sumo))
      '()
      `(,@(operand-sql operand) " IS NOT NULL")))
