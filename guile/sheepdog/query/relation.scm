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
  #:use-module (sheepdog error)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query type)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (define-store-relation make-relation relation->procedure
            store-relations store-relation
            relation? relation-name relation-doc relation-columns relation-example relation-sql
            column-name column-type column-doc
            ordinal complain-about-count complain-if-goal))

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

(define-syntax-rule (define-store-relation (name argument ...) doc keyword ...)
  ;; (define-store-relation (NAME ARGUMENT ...) DOC #:columns ((ARGUMENT TYPE SQL DOC) ...) ...):
  ;; define NAME as the procedure that makes goals, see make-relation.
  (define name
    (relation->procedure '(argument ...) (make-relation 'name doc keyword ...))))

(define (relation->procedure arguments relation)
  "The procedure that makes goals of RELATION, whose columns must be named as ARGUMENTS are."
  (unless (equal? arguments (map column-name (relation-columns relation)))
    (error "arguments are not the columns:" (relation-name relation) arguments))
  (let ((procedure (lambda terms (relation-goal relation terms))))
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

(define (relation-goal relation terms)
  "The goal that TERMS, the arguments of a call, are a row of RELATION."
  (let ((terms (checked-terms relation terms)))
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
                  (match (term->parameter relation column term)
                    ((parameter)
                     (sort columns (cdr terms) (* 2 bit) (+ bound bit)
                           (cons parameter parameters) free readers))
                    ;; No row can have this value.
                    (#f #f)))))))))))

(define (read-row row readers)
  (let loop ((i 0) (readers readers))
    (if (null? readers)
        '()
        (cons ((car readers) (vector-ref row i)) (loop (+ i 1) (cdr readers))))))

(define (checked-terms relation terms)
  "TERMS, as they are written in a call of RELATION, with values as the columns take them."
  (let ((columns (relation-columns relation)))
    (complain-if-goal (relation-name relation) (map column-name columns) terms)
    (unless (= (length terms) (length columns))
      (complain-about-count (relation-name relation) (map column-name columns) (length terms)))
    (map (lambda (column term)
           (if (var? term)
               term
               (match (type-check (column-type column) term)
                 ((value) value)
                 (#f (complain relation column term)))))
         columns terms)))

(define (term->parameter relation column term)
  ;; A symbol that came to stand where text is asked for is a slip which would else be answered with
  ;; nothing.  All other values of wrong types are just in no row.
  (when (and (symbol? term) (memq (type-name (column-type column)) '(string key)))
    (complain relation column term))
  (type->store (column-type column) term))

(define (complain relation column term)
  (raise-question-error "~a: ~a is ~a, not ~s~a"
                        (relation-name relation) (column-name column)
                        (type-doc (column-type column)) term
                        (hint (column-type column) term)))

(define (hint type term)
  (define known
    (match (type-name type)
      ('status (vector->list statuses))
      (_ '())))
  (cond ((and (symbol? term) (memq (type-name type) '(string key)))
         (format #f "; write ~s" (symbol->string term)))
        ((and (string? term) (memq (string->symbol term) known))
         (format #f "; write '~a" term))
        ((and (symbol? term) (near-miss (symbol->string term) (map symbol->string known)))
         => (lambda (near) (format #f "; did you mean ~a?" near)))
        (else "")))

(define (complain-if-goal name arguments terms)
  "Raise a &question-error if TERMS say that NAME, which takes ARGUMENTS, was taken for a goal."
  (match terms
    ;; The state of a search is the one vector that ever comes here but for variables.
    (((? vector? state))
     (unless (var? state)
       (raise-question-error "~a stands alone where a goal belongs; a goal is ~a, and a clause of \
conde has parentheses around its goals" name (cons name arguments))))
    (_ #f)))

(define (complain-about-count name arguments count)
  "Raise the &question-error that NAME was called with COUNT arguments instead of ARGUMENTS."
  (raise-question-error "~a takes ~a, ~a; it was given ~a"
                        name
                        (if (= 1 (length arguments))
                            "1 argument"
                            (format #f "~a arguments" (length arguments)))
                        (cons name arguments) count))

(define (ordinal n)
  "The N-th, from 0, in a word."
  (list-ref '("first" "second" "third" "fourth" "fifth" "sixth" "seventh" "eighth") n))
