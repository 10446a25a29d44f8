;;; relation.scm -- declaring relations over the store, and checking calls of them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A relation is data: which tables it joins, what always holds of their rows, and its columns, each
;;; with a type and with SQL that reads it.  Tables have short names, as in (s state); SQL refers to
;;; their columns as s.since.  SQL that is read here is a *template*: a list of strings and of
;;; references (NAME . COLUMN), both symbols.
(define-module (sheepdog query relation)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query projected)
  #:use-module (sheepdog query tables)
  #:use-module (sheepdog query type)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-relation relation? store-relations store-relation relations-version
            relation-name relation-doc relation-columns relation-example
            relation-tables relation-joins relation-where
            relation-written set-relation-written
            column-name column-type column-sql column-doc
            checked-terms check-found-term
            any-typed-terms))

(define-record-type <column>
  (make-column name type sql doc)
  column?
  (name column-name)  ; symbol
  (type column-type)  ; see type.scm
  (sql column-sql)    ; template
  (doc column-doc))   ; string

(define-immutable-record-type <relation>
  (%make-relation written name doc columns tables joins where example)
  relation?
  (written relation-written set-relation-written) ; how a call was written, see written.scm, or #f
  (name relation-name)         ; symbol
  (doc relation-doc)           ; string
  (columns relation-columns)   ; list of <column>, in the order of a call's arguments
  (tables relation-tables)     ; alist of short names to <table>
  (joins relation-joins)       ; list of pairs of references, which are equal
  (where relation-where)       ; list of templates that hold
  (example relation-example))  ; a question, Scheme

(define registry '())

(define version 0)

(define (relations-version)
  "A number that changes when a relation is declared."
  version)

(define (store-relations)
  "All relations over the store, in the order of their declarations."
  (reverse registry))

(define (store-relation name)
  "The relation over the store with NAME, a symbol, or #f."
  (find (lambda (relation) (eq? name (relation-name relation))) registry))

(define* (make-relation name doc #:key arguments columns from (where '()) example)
  "Declare the relation NAME, a symbol, of ARGUMENTS, symbols, with its DOC, and return it.  COLUMNS is
a list of (ARGUMENT TYPE SQL DOC), TYPE a symbol of type.scm; FROM a list of (SHORT-NAME TABLE (COLUMN
REFERENCE) ...), where REFERENCE is a column of a table before, as v.host_id; WHERE a list of SQL."
  (unless (equal? arguments (map car columns))
    (error "arguments are not the columns:" name arguments))
  (let ((relation
         (%make-relation
          #f name doc
          (map (match-lambda
                 ((name type sql doc) (make-column name (type-named type) (read-template sql) doc)))
               columns)
          (map (match-lambda ((short table . _) (cons short (table-named table)))) from)
          (append-map (match-lambda
                        ((short _ (column reference) ...)
                         (map (lambda (column reference)
                                (match (read-template (symbol->string reference))
                                  ((other) (cons (cons short column) other))))
                              column reference)))
                      from)
          (map read-template where)
          example)))
    (set! version (+ version 1))
    (set! registry
          (cons relation
                (remove (lambda (other) (eq? name (relation-name other))) registry)))
    relation))

(define reference-pattern (make-regexp "[a-z][a-z0-9]*\\.[a-z_]+"))

(define (read-template sql)
  "The string SQL as a template."
  (define (reference text)
    (match (map string->symbol (string-split text #\.)) ((short column) (cons short column))))
  (let loop ((start 0) (matches (list-matches reference-pattern sql)))
    (define (before end rest)
      (if (= start end) rest (cons (substring sql start end) rest)))
    (match matches
      (() (before (string-length sql) '()))
      ((found . matches)
       (before (match:start found)
               (cons (reference (match:substring found)) (loop (match:end found) matches)))))))

(define (any-typed-terms goal)
  "The terms of GOAL, where it is one of a relation, that may be a number or a string as the rows have
it."
  (match (and (described-goal? goal) (goal-description goal))
    (((? relation? relation) . terms)
     (filter-map (lambda (column term) (and (eq? 'value (type-name (column-type column))) term))
                 (relation-columns relation) terms))
    (_ '())))

;;; Calls.

(define (checked-terms relation terms)
  "TERMS, as they are written in a call of RELATION, with values as the columns take them.
Errors: &question-error."
  (let ((columns (relation-columns relation))
        (written (relation-written relation)))
    (check-call written (relation-name relation) (map column-name columns) terms)
    (map (lambda (column term)
           (if (var? term)
               term
               (match (type-check (column-type column) term)
                 ((value) value)
                 ;; One of any type is just in no row.
                 (#f (if (projected? term) term (complain relation column term))))))
         columns terms)))

(define (check-found-term relation column term)
  "Raise a &question-error if TERM, a value that the argument COLUMN of a call of RELATION came to stand
for, can only be a slip."
  ;; A symbol where text is asked for would else be answered with nothing.  All other values of wrong
  ;; types are just in no row.
  (when (and (symbol? term) (type-takes-text? (column-type column)))
    (complain relation column term)))

(define (complain relation column term)
  (let ((argument (written-argument (relation-written relation)
                                    (list-index (lambda (other) (eq? other column))
                                                (relation-columns relation)))))
    (raise-about (relation-written relation) "~a: ~a must be ~a, not ~a~a~a"
                 (relation-name relation) (column-name column)
                 (type-doc (column-type column)) (describe-term term)
                 (if (symbol? argument) (format #f ", which ~a stands for" argument) "")
                 (type-hint (column-type column) term))))
