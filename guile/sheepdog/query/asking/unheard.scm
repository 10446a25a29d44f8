;;; unheard.scm -- names in a question that the store has never heard of.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; No answer looks like "all is well", also where the host is misspelt; so does an answer of noto or counto.
;;; What stands where a relation has
;;; a host, a service, a key or a package is looked up: a text, or a name that a let or == gives one.
(define-module (sheepdog query asking unheard)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking limits)
  #:use-module (sheepdog query asking question)
  #:use-module (sheepdog query asking unmatched)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query tables)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query type)
  #:use-module (sheepdog store)
  #:use-module (sheepdog table)
  #:use-module (srfi srfi-1)
  #:export (unheard ask-with-hints))

(define* (unheard forms answers? #:optional (herd (current-herd)))
  "What the question FORMS ask about that the store which HERD reads has never heard of: sentences, strings.
Where there are ANSWERS? only what is probably misspelt.  None where the store cannot be read in a moment, or
HERD is #f."
  (if herd
      (with-exception-handler
          (const '())
        (lambda ()
          (dynamic-wind
            (const #t)
            (lambda ()
              (call-within herd patience (lambda () (look-up forms answers? (herd-reader herd))) (const '())))
            (lambda () (limit-herd! herd #f))))
        #:unwind? #t #:unwind-for-type &core-error)
      '()))

(define* (ask-with-hints forms herd limit timeout consume hint #:optional (module (make-question-module)))
  "As `ask-within'; and where all was searched call HINT with each sentence of `unheard'."
  (let* ((answers? #f)
         (end (ask-within forms herd limit timeout
                          (lambda (answer)
                            (set! answers? #t)
                            (consume answer))
                          module)))
    (when (eq? 'complete end) (for-each hint (unheard forms answers? herd)))
    end))

(define (look-up forms answers? reader)
  (define (unknown-names)
    (filter-map (lambda (name) (unknown name answers? reader)) (asked-names forms)))
  (if answers?
      (unknown-names)
      (match (before-all reader)
        (#f (match (unknown-names)
              (() (unmatched forms reader))
              (sentences sentences)))
        (sentence (list sentence)))))

;; Seconds that looking all this up may take.
(define patience 1)

;;; What is asked about.

(define (column-kind relation column)
  "What the values of COLUMN of RELATION are the names of, a symbol; #f: of nothing."
  (match (cons (type-name (column-type column)) (column-sql column))
    (('package _) 'package)
    (('key ('k . 'name))
     (if (find (lambda (table) (eq? 'sample (table-name (cdr table)))) (relation-tables relation))
         'sample
         'fact))
    ((_ ('h . 'name)) 'host)
    ((_ ('v . 'name)) 'service)
    (_ #f)))

(define (argument-kinds name forms)
  "For each argument of the relation NAME, of the store or defined in FORMS, its kind or #f; a list."
  (define relation (store-relation name))
  (if relation
      (map (lambda (column) (column-kind relation column)) (relation-columns relation))
      (or (any (match-lambda
                 (((or 'define-relation 'defrel) ((? (lambda (other) (eq? name other))) . arguments) . body)
                  (and (list? arguments)
                       ;; One that uses itself says nothing new there.
                       (let ((found (places body (delete-definition name forms))))
                         (map (lambda (argument)
                                (any (match-lambda ((kind . term) (and (eq? term argument) kind))) found))
                              arguments))))
                 (_ #f))
               forms)
          '())))

(define (delete-definition name forms)
  (remove (match-lambda ((_ ((? (lambda (other) (eq? name other))) . _) . _) #t) (_ #f)) forms))

(define (places form forms)
  "What stands in FORM where a relation has a name, as pairs of its kind and a term."
  (match form
    (('quote . _) '())
    (((? symbol? name) . (? list? terms))
     (let ((kinds (argument-kinds name forms)))
       (append (if (= (length kinds) (length terms))
                   (filter-map (lambda (kind term) (and kind (cons kind term))) kinds terms)
                   '())
               (append-map (lambda (term) (places term forms)) terms))))
    ((first . rest) (append (places first forms) (places rest forms)))
    (_ '())))

(define (values-given form)
  "The texts that FORM gives names by let and ==, as pairs of a name and a text."
  (match form
    (('quote . _) '())
    (('== (? symbol? name) (? string? text)) (list (cons name text)))
    (('== (? string? text) (? symbol? name)) (list (cons name text)))
    (('let ((names values) ...) . body)
     (append (filter (match-lambda ((name . value) (and (symbol? name) (string? value))))
                     (map cons names values))
             (values-given body)))
    ((first . rest) (append (values-given first) (values-given rest)))
    (_ '())))

(define (asked-names forms)
  "The names that the question, the last of FORMS, asks about, it and the relations that it uses, as pairs of
a kind and a text."
  (define asked (cons (last forms) (definitions-used (last forms) (drop-right forms 1))))
  (define given (delete-duplicates (append-map values-given asked)))
  (delete-duplicates
   (append-map (match-lambda
                 ((kind . (? string? text)) (list (cons kind text)))
                 ((kind . ('quote (? symbol? name))) (list (cons kind (symbol->string name))))
                 ((kind . (? symbol? name))
                  (filter-map (match-lambda ((other . text) (and (eq? other name) (cons kind text))))
                              given))
                 (_ '()))
               (append-map (lambda (form) (places form forms)) asked))))

(define (definitions-used form definitions)
  "Those of DEFINITIONS whose relations FORM uses, by way of each other, too."
  (define (names x)
    (cond ((symbol? x) (list x))
          ((pair? x) (append (names (car x)) (names (cdr x))))
          (else '())))
  (define mentioned (names form))
  (call-with-values
      (lambda ()
        (partition (match-lambda
                     (((or 'define-relation 'defrel) ((? symbol? name) . _) . _) (memq name mentioned))
                     (_ #f))
                   definitions))
    (lambda (used others)
      (if (null? used) '() (append used (definitions-used used others))))))

;;; What is known.

(define (names-of kind)
  "SQL for all names of KIND: the table, the name in it, and what holds of its rows."
  (match kind
    ('host '("host" "name" "1"))
    ('service '("service" "name" "1"))
    ('package '("key" "substr(name, 9)" "name >= 'package.' AND name < 'package/'"))
    ((or 'fact 'sample) '("key" "name" "1"))))

(define (unknown asked misspelt? reader)
  "What is to be said of ASKED, a pair of a kind and a text, where the store knows no such name; or #f.  Where
MISSPELT? only of what is like a name that it knows."
  (match asked
    ((kind . text)
     (match (names-of kind)
       ((table name where)
        (define (known? text)
          (select-one reader
                      (if (eq? kind 'package)
                          "SELECT 1 FROM key WHERE name = 'package.' || ?"
                          (string-append "SELECT 1 FROM " table " WHERE name = ? LIMIT 1"))
                      text))
        (and (not (known? text))
             (let ((near (near-miss
                          text
                          (map car (select reader
                                           (string-append "SELECT DISTINCT " name " FROM " table " WHERE " where
                                                          " AND abs(length(" name ") - ?) <= ? LIMIT 10000")
                                           (string-length text)
                                           (quotient (+ 2 (string-length text)) 3))))))
               (and (or near (not misspelt?))
                    (format #f "there is no ~a ~a in this store~a" kind text
                            (if near (format #f "; did you mean ~a?" near) ""))))))))))

(define (before-all reader)
  "What is to be said where all that the store knows came after the moment that is asked about; or #f."
  (and (current-moment)
       (match (select-one reader "SELECT min(since) FROM (SELECT min(since) AS since FROM state
 UNION ALL SELECT min(since) FROM fact UNION ALL SELECT min(time) FROM report)")
         (((? number? micros))
          (let ((first (/ micros 1000000)))
            (and (< (current-moment) first)
                 (format #f "nothing is known before ~a" (format-time first)))))
         (_ #f))))
