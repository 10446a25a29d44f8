;;; joining.scm -- what a block joins: the tables of relations, and the groups of another block's rows.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query plan joining)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query plan inner)
  #:use-module (sheepdog query plan operand)
  #:use-module (sheepdog query plan scope)
  #:use-module (sheepdog query plan variable)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query tables)
  #:use-module (sheepdog query time)
  #:use-module (srfi srfi-1)
  #:export (add-call! join-groups!))

;;; Calls of relations.

;; SQLite joins 64 at most; groups may need some, too.
(define most-tables 56)

(define (add-call! block call)
  "Let BLOCK say CALL, and return true; or #f where there is no room for its tables."
  (match call
    (('call (= store-relation relation) . arguments)
     (and (room? (block-scope block) (length (relation-tables relation)))
          (begin (join-call! block relation arguments) #t)))))

(define (room? scope count)
  (define (fit?) (<= (+ count (length (scope-tables scope))) most-tables))
  (or (fit?)
      (begin
        (merge-tables! scope)
        (fit?))))

(define (join-call! block relation arguments)
  (define scope (block-scope block))
  (define tables
    (map (match-lambda
           ((short . table) (cons short (add-table! scope ((block-namer block) short) table))))
         (relation-tables relation)))
  (define place
    (match-lambda ((short . column) (cons (assq-ref tables short) column))))
  (define (placed template)
    (append-map (lambda (part) (if (pair? part) (column-at-moment (place part)) (list part)))
                template))
  (for-each (match-lambda ((a . b) (equate! scope (place a) (place b))))
            (relation-joins relation))
  (for-each (lambda (condition) (hold! scope (placed condition)))
            (relation-where relation))
  (when (current-moment)
    (for-each (match-lambda
                ((_ . used)
                 (let ((begins (table-begins (used-table used))))
                   (when (pair? begins) (hold! scope (known-at-moment used begins))))))
              tables))
  (for-each (lambda (column argument)
              (bind! block argument
                     (make-operand (placed (column-sql column)) (column-type column))))
            (relation-columns relation) arguments))

(define (column-at-moment reference)
  "REFERENCE as a template: what it was at current-moment, where that is not #f."
  (match reference
    ((used . column)
     (if (and (current-moment) (memq column (table-later (used-table used))))
         (value-at-moment used column (table-ends (used-table used)))
         (list reference)))))

;;; Groups.

(define (join-groups! block inner key-operands fold-operands)
  "Let BLOCK join the groups of the rows of the block INNER that have the same KEY-OPERANDS, with
FOLD-OPERANDS of each; return the operands that all of these are in BLOCK."
  (define scope (block-scope inner))
  (define keys (map operand-sql key-operands))
  (define folds (map operand-sql fold-operands))
  (define (derive! keys)
    ;; The references to the columns of the groups.
    (let* ((sqls (append keys folds))
           (names (map (lambda (n) (string->symbol (format #f "c~a" n)))
                       (iota (length sqls) 1)))
           (used (add-derived! (block-scope block) ((block-namer block) 'g)
                               (make-derived inner (map cons names sqls) keys))))
      (for-each (lambda (sql) (read-in! scope sql)) sqls)
      (drop-tables! scope)
      (map (lambda (name) (cons used name)) names)))
  (define columns
    (match (lookups scope (map reference-of key-operands))
      (#f (derive! keys))
      ;; By one column, in the order of which an index may have the rows; what the keys are is looked up
      ;; for each group.
      ((one . steps)
       (match (derive! (list (list one)))
         ((key . rest)
          (let ((found (replay! block steps one key)))
            (append (map (lambda (operand) (found (reference-of operand))) key-operands)
                    rest)))))))
  (map (lambda (operand column) (make-operand (list column) (operand-type operand)))
       (append key-operands fold-operands) columns))

(define (replay! block steps one key)
  "Let BLOCK join the tables of STEPS, see lookups, where ONE is the column KEY.  Return a procedure from a
reference to one of them to that to it in BLOCK."
  (let loop ((steps steps) (tables '()))
    (define (found reference)
      (if (equal? reference one)
          key
          (cons (assq-ref tables (car reference)) (cdr reference))))
    (match steps
      (() found)
      (((used column other) . rest)
       (let ((table (add-table! (block-scope block)
                                ((block-namer block) (table-name (used-table used)))
                                (used-table used))))
         (equate! (block-scope block) (found other) (cons table column))
         (loop rest (acons used table tables)))))))
