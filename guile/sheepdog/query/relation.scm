;;; relation.scm -- declaring relations over the store; a call becomes one SELECT.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A relation is data: its columns, each with a type and with SQL that reads it, and where SQL finds
;;; them.  What a call has bound becomes conditions with parameters, what is free becomes the columns
;;; that are selected, and the rows stream into the search.  The SQL depends only on which columns
;;; are bound, so there is one text for each pattern, which SQLite prepares once.
;;;
;;; The goal of a call is described, as (RELATION ARGUMENT ...), for who plans a conjunction.
(define-module (sheepdog query relation)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query type)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (define-store-relation make-relation relation->procedure
            store-relations store-relation
            relation-name relation-doc relation-columns relation-example relation-sql
            column-name column-type column-doc
            complain-about-count complain-if-goal any-typed-terms))

(define-record-type <column>
  (make-column name type sql condition doc)
  column?
  (name column-name)            ; symbol
  (type column-type)            ; see type.scm
  (sql column-sql)              ; string: an expression
  (condition column-condition)  ; string: holds where the column is the parameter ?
  (doc column-doc))             ; string

(define-record-type <relation>
  (%make-relation name doc columns from where order example texts)
  relation?
  (name relation-name)         ; symbol
  (doc relation-doc)           ; string
  (columns relation-columns)   ; list of <column>, in the order of a call's arguments
  (from relation-from)         ; string: tables, joined
  (where relation-where)       ; string: what always holds, or #f
  (order relation-order)       ; string: terms of an ORDER BY that an index gives
  (example relation-example)   ; a question, Scheme
  (texts relation-texts))      ; hash table: which columns are bound, a number's bits -> SQL

(define registry '())

(define (store-relations)
  "All relations over the store, in the order of their declarations."
  (reverse registry))

(define (store-relation name)
  "The relation over the store with NAME, a symbol, or #f."
  (find (lambda (relation) (eq? name (relation-name relation))) registry))

(define* (make-relation name doc #:key columns from where order example)
  "Declare the relation NAME, a symbol, with its DOC, and return it.  COLUMNS is a list of
(NAME TYPE SQL DOC), TYPE a symbol of type.scm, or (NAME TYPE SQL CONDITION DOC) where a column is
found by a CONDITION other than being equal to the parameter.  FROM, WHERE and ORDER are SQL."
  (let ((relation
         (%make-relation
          name doc
          (map (match-lambda
                 ((name type sql doc)
                  (make-column name (type-named type) sql (string-append sql " IS ?") doc))
                 ((name type sql condition doc)
                  (make-column name (type-named type) sql condition doc)))
               columns)
          from where order example (make-hash-table))))
    (set! registry
          (cons relation
                (remove (lambda (other) (eq? name (relation-name other))) registry)))
    relation))

(define-syntax define-store-relation
  (lambda (form)
    "(define-store-relation (NAME ARGUMENT ...) DOC #:columns ((ARGUMENT TYPE SQL DOC) ...) ...): define
NAME as what makes goals, see make-relation."
    (syntax-case form ()
      ((_ (name argument ...) doc keyword ...)
       (with-syntax (((relation procedure maker)
                      (derived-names #'name '(relation procedure maker))))
         #'(begin
             (define relation (checked-relation '(argument ...)
                                                (make-relation 'name doc keyword ...)))
             (define procedure (relation->procedure relation))
             (define (maker written . terms) (relation-goal relation written terms))
             (define-goal-maker name maker procedure)))))))

(define (checked-relation arguments relation)
  "RELATION, whose columns must be named as ARGUMENTS are."
  (unless (equal? arguments (map column-name (relation-columns relation)))
    (error "arguments are not the columns:" (relation-name relation) arguments))
  relation)

(define (relation->procedure relation)
  "The procedure that makes goals of RELATION."
  (let ((arguments (map column-name (relation-columns relation)))
        (procedure (lambda terms (relation-goal relation #f terms))))
    (set-procedure-property! procedure 'name (relation-name relation))
    (set-procedure-property! procedure 'documentation
                             (string-append (object->string (cons (relation-name relation) arguments))
                                            ": " (relation-doc relation)))
    procedure))

;;; SQL.

(define (relation-sql relation bound)
  "The SELECT for RELATION where the columns in BOUND, a number's bits, are parameters: in the order
of the columns, as are those that it selects, all others."
  (or (hashv-ref (relation-texts relation) bound)
      (let ((sql (make-sql relation bound)))
        (hashv-set! (relation-texts relation) bound sql)
        sql)))

(define (make-sql relation bound)
  (define-values (given free)
    (partition (match-lambda ((i . _) (logbit? i bound)))
               (map cons (iota (length (relation-columns relation))) (relation-columns relation))))
  (define conditions
    (append (map (match-lambda ((_ . column) (column-condition column))) given)
            (or (and=> (relation-where relation) list) '())))
  (string-append
   "SELECT "
   (if (null? free)
       "1"
       (string-join (map (match-lambda ((_ . column) (column-sql column))) free) ", "))
   " FROM " (relation-from relation)
   (if (null? conditions) "" (string-append " WHERE " (string-join conditions " AND ")))
   " ORDER BY " (relation-order relation)))

;;; Goals.

(define (relation-goal relation written terms)
  "The goal that TERMS, the arguments of a call that was WRITTEN so, are a row of RELATION."
  (let ((terms (checked-terms relation written terms)))
    (make-described-goal
     (cons relation terms)
     (lambda (state)
       (let sort ((columns (relation-columns relation)) (terms terms) (bit 1)
                  (bound 0) (parameters '()) (free '()) (readers '()))
         (match columns
           (()
            ((goal-from-rows
              (let ((readers (reverse readers))
                    (sql (relation-sql relation bound))
                    (parameters (reverse parameters)))
                (lambda (state)
                  (open-rows (relation-name relation) state sql parameters
                             (lambda (row) (read-row row readers)))))
              (reverse free))
             state))
           ((column . columns)
            (let ((term (walk (car terms) state)))
              (if (var? term)
                  (sort columns (cdr terms) (* 2 bit) bound parameters (cons term free)
                        (cons (type-from-store (column-type column)) readers))
                  (match (term->parameter relation written column term)
                    ((parameter)
                     (sort columns (cdr terms) (* 2 bit) (+ bound bit)
                           (cons parameter parameters) free readers))
                    ;; No row can have this value.
                    (#f #f)))))))))))

(define (any-typed-terms goal)
  "The terms of GOAL, where it is one of a relation, that may be a number or a string as the rows have
it."
  (match (and (described-goal? goal) (goal-description goal))
    (((? relation? relation) . terms)
     (filter-map (lambda (column term) (and (eq? 'value (type-name (column-type column))) term))
                 (relation-columns relation) terms))
    (_ '())))

(define (read-row row readers)
  (let loop ((i 0) (readers readers))
    (if (null? readers)
        '()
        (cons ((car readers) (vector-ref row i)) (loop (+ i 1) (cdr readers))))))

(define (checked-terms relation written terms)
  "TERMS, as they are written in a call of RELATION, with values as the columns take them."
  (let ((columns (relation-columns relation)))
    (complain-if-goal written (relation-name relation) (map column-name columns) terms)
    (unless (= (length terms) (length columns))
      (complain-about-count written (relation-name relation) (map column-name columns)
                            (length terms)))
    (map (lambda (column term)
           (if (var? term)
               term
               (match (type-check (column-type column) term)
                 ((value) value)
                 (#f (complain relation written column term)))))
         columns terms)))

(define (term->parameter relation written column term)
  ;; A symbol that came to stand where text is asked for is a slip which would else be answered with
  ;; nothing.  All other values of wrong types are just in no row.
  (when (and (symbol? term) (type-takes-text? (column-type column)))
    (complain relation written column term))
  (type->store (column-type column) term))

(define (complain relation written column term)
  (let ((argument (written-argument written
                                    (list-index (lambda (other) (eq? other column))
                                                (relation-columns relation)))))
    (raise-about written "~a: ~a must be ~a, not ~a~a~a"
                 (relation-name relation) (column-name column)
                 (type-doc (column-type column)) (describe-term term)
                 (if (symbol? argument) (format #f ", which ~a stands for" argument) "")
                 (type-hint (column-type column) term))))

(define (complain-if-goal written name arguments terms)
  "Raise a &question-error if TERMS say that NAME, which takes ARGUMENTS and was WRITTEN so, was taken
for a goal."
  (match terms
    ;; The state of a search is the one vector that ever comes here but for variables.
    (((? vector? state))
     (unless (var? state)
       (raise-about written "~a stands alone where a goal belongs; a goal is ~a, and a clause of conde \
has parentheses around its goals" name (cons name arguments))))
    (_ #f)))

(define (complain-about-count written name arguments count)
  "Raise the &question-error that NAME, WRITTEN so, has COUNT arguments instead of ARGUMENTS."
  (raise-about written "~a takes ~a, ~a; it was given ~a"
               name
               (if (= 1 (length arguments))
                   "1 argument"
                   (format #f "~a arguments" (length arguments)))
               (cons name arguments) count))
