;;; scope.scm -- the tables that one SELECT joins, and what is known to be equal in them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Each relation of a conjunction brings its tables, under names of their own.  Where two of them are
;;; the same table and are known to agree on a key, they are the same row, and one is enough; where a
;;; table is only joined to see that its row exists, and the store promises that, none is needed.
;;; (This is the chase of query optimization: Maier, Mendelzon, Sagiv 1979.)
;;;
;;; A reference is a pair (TABLE . COLUMN) of a <used> table and a symbol.  A scope inside another one,
;;; as that of a NOT EXISTS, sees the outer tables, and may know more about them than the outer one.
(define-module (sheepdog query plan scope)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query tables)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (make-scope forget-scope! scope-possible?
            add-table! add-derived! equate! note-constant! constant-together? hold! read-in!
            merge-tables! drop-tables!
            scope-tables scope-conditions scope-held scope-equalities current-reference
            used? used-name used-table used-derived used-scope
            determines? lookups))

(define-record-type <used>
  (make-used name table derived scope same-as)
  used?
  (name used-name)                       ; symbol, unique in the statement
  (table used-table)                     ; <table>; #f: a SELECT
  (derived used-derived)                 ; what that is made of, or #f
  (scope used-scope)
  (same-as used-same-as set-used-same-as!)) ; <used> that it is the same row as, dropped, or #f

(define-record-type <scope>
  (%make-scope outer tables classes constants conditions reads children possible?)
  scope?
  (outer scope-outer)                                   ; <scope> or #f
  (tables %scope-tables set-scope-tables!)              ; list of <used>, the newest first
  (classes scope-classes set-scope-classes!)            ; list of lists of equal references
  (constants scope-constants set-scope-constants!)      ; alist: reference -> any, equal? if it is equal
  (conditions %scope-conditions set-scope-conditions!)  ; list of templates
  (reads scope-reads set-scope-reads!)                  ; list of templates that are selected
  (children scope-children set-scope-children!)         ; list of <scope>
  (possible? scope-possible? set-scope-possible!))      ; #f: no row can be

(define* (make-scope outer)
  "A scope in OUTER, or #f: one of its own."
  (let ((scope (%make-scope outer '() (if outer (scope-classes outer) '())
                            (if outer (scope-constants outer) '()) '() '() '() #t)))
    (when outer (set-scope-children! outer (cons scope (scope-children outer))))
    scope))

(define (forget-scope! scope)
  "Let SCOPE be no part of the one around it."
  (let ((outer (scope-outer scope)))
    (set-scope-children! outer (delq scope (scope-children outer)))))

(define (add-table! scope name table)
  "Let SCOPE join TABLE under NAME, and return the <used>."
  (let ((used (make-used name table #f scope #f)))
    (set-scope-tables! scope (cons used (%scope-tables scope)))
    used))

(define (add-derived! scope name derived)
  "Let SCOPE join the SELECT that DERIVED, any value, is made of under NAME, and return the <used>."
  (let ((used (make-used name #f derived scope #f)))
    (set-scope-tables! scope (cons used (%scope-tables scope)))
    used))

(define (hold! scope condition)
  "Let the template CONDITION hold in SCOPE; #f: nothing can."
  (if condition
      (set-scope-conditions! scope (cons condition (%scope-conditions scope)))
      (set-scope-possible! scope #f)))

(define (read-in! scope template)
  "Note that what SCOPE selects reads TEMPLATE."
  (set-scope-reads! scope (cons template (scope-reads scope))))

(define (scope-held scope)
  "The templates that SCOPE was told hold, perhaps more than once."
  (%scope-conditions scope))

(define (scope-conditions scope)
  "The templates that hold in SCOPE, each once, but for those that hold around it."
  (let ((outer (if (scope-outer scope) (all-conditions (scope-outer scope)) '())))
    (remove (lambda (condition) (member condition outer))
            (delete-duplicates (current-conditions scope)))))

(define (all-conditions scope)
  (append (current-conditions scope)
          (if (scope-outer scope) (all-conditions (scope-outer scope)) '())))

(define (current-conditions scope)
  (filter-map (lambda (condition)
                (and (pair? condition) (map current-part condition)))
              (reverse (%scope-conditions scope))))

(define (current-part part)
  (if (reference? part) (current-reference part) part))

(define (reference? part)
  (and (pair? part) (used? (car part))))

;;; Equality.

(define (current-reference reference)
  "REFERENCE, to the table that it is the same row as."
  (match reference
    ((used . column)
     (match (used-same-as used)
       ((? used? other) (current-reference (cons other column)))
       (_ reference)))))

(define (same-reference? a b)
  (and (eq? (car a) (car b)) (eq? (cdr a) (cdr b))))

(define (class-of scope reference)
  (or (find (lambda (class) (member reference class same-reference?)) (scope-classes scope))
      (list reference)))

(define (equate! scope a b)
  "Let the references A and B be equal in SCOPE."
  (let* ((a (class-of scope (current-reference a)))
         (b (class-of scope (current-reference b))))
    (unless (equal? a b)
      (set-scope-classes! scope (cons (append a b) (delete b (delete a (scope-classes scope))))))))

(define (note-constant! scope reference constant)
  "Note that REFERENCE is CONSTANT, any value, in SCOPE; that this holds is not said thereby."
  (set-scope-constants! scope
                        (acons (current-reference reference) constant (scope-constants scope))))

(define (constants-of scope reference)
  (let ((class (class-of scope (current-reference reference))))
    (filter-map (match-lambda
                  ((other . constant)
                   (and (member (current-reference other) class) constant)))
                (scope-constants scope))))

(define (constant-together? scope reference)
  "True where a column of the row of REFERENCE that is NULL only where that is one is a constant in SCOPE."
  (match (current-reference reference)
    ((used . column)
     (and (used-table used)
          (memq column (table-together (used-table used)))
          (any (lambda (other) (pair? (constants-of scope (cons used other))))
               (table-together (used-table used)))))))

;;; The same row.

(define (all-tables scope)
  "The tables of SCOPE and of all around it, the newest first."
  (if scope
      (append (scope-tables/newest-first scope) (all-tables (scope-outer scope)))
      '()))

(define (scope-tables/newest-first scope)
  (remove used-same-as (%scope-tables scope)))

(define (scope-tables scope)
  "The tables that SCOPE joins, in the order in which they came."
  (reverse (scope-tables/newest-first scope)))

(define (merge-tables! scope)
  "Let tables of SCOPE that are the same row as another one, of it or of a scope around it, be that."
  ;; Where two tables are one row, others may come to agree on a key.
  (when (merge-agreeing! scope)
    (set-scope-classes! scope (joined-classes (current-classes (scope-classes scope))))
    (merge-tables! scope)))

(define (merge-agreeing! scope)
  "Let each table of SCOPE that agrees on a key with one before it be that; return true if there is any."
  (define value-of (value-numbers scope))
  (define rows (make-hash-table)) ; name of a table, columns, what they are -> <used>
  (define (places used)
    (map (lambda (key)
           (cons* (table-name (used-table used)) key
                  (map (lambda (column) (value-of (cons used column))) key)))
         (table-keys (used-table used))))
  (define (note-rows! used)
    (for-each (lambda (place)
                (unless (hash-ref rows place) (hash-set! rows place used)))
              (places used)))
  (for-each note-rows! (filter used-table (reverse (all-tables (scope-outer scope)))))
  (fold (lambda (used merged?)
          (match (any (lambda (place) (hash-ref rows place)) (places used))
            (#f (note-rows! used) merged?)
            (older (set-used-same-as! used older) #t)))
        #f
        (filter used-table (scope-tables scope))))

(define (value-numbers scope)
  "A procedure: reference -> a number, the same for those that are known to be equal in SCOPE."
  (define numbers (make-notes))
  (define count 0)
  (define (next!)
    (set! count (+ count 1))
    count)
  (for-each (lambda (class)
              (let ((number (next!)))
                (for-each (lambda (reference) (note! numbers reference number)) class)))
            (joined-classes (append (classes-of-constants scope)
                                    (current-classes (scope-classes scope)))))
  (lambda (reference)
    (or (note-of numbers reference)
        (let ((number (next!)))
          (note! numbers reference number)
          number))))

(define (classes-of-constants scope)
  "For each constant in SCOPE the list of the references that are it."
  (define classes (make-hash-table))
  (for-each (match-lambda
              ((reference . constant)
               (hash-set! classes constant
                          (cons (current-reference reference) (hash-ref classes constant '())))))
            (scope-constants scope))
  (hash-map->list (lambda (_ class) class) classes))

(define (current-classes classes)
  (map (lambda (class) (map current-reference class)) classes))

(define (joined-classes classes)
  "CLASSES with those that share a reference made one."
  (define boxes (make-notes)) ; reference -> a list of the class that it is in
  (map car
       (fold (lambda (class done)
               (let* ((sharing (delete-duplicates
                                (filter-map (lambda (reference) (note-of boxes reference)) class)
                                eq?))
                      (joined (delete-duplicates (concatenate (cons class (map car sharing)))
                                                 same-reference?))
                      (box (list joined)))
                 (for-each (lambda (reference) (note! boxes reference box)) joined)
                 (cons box (if (null? sharing) done (lset-difference eq? done sharing)))))
             '() classes)))

;;; What is noted of references.

(define make-notes make-hash-table) ; <used> -> alist of columns to what is noted

(define (note-of notes reference)
  (assq-ref (hashq-ref notes (car reference) '()) (cdr reference)))

(define (note! notes reference value)
  (hashq-set! notes (car reference)
              (acons (cdr reference) value (hashq-ref notes (car reference) '()))))

;;; What is not needed.

(define (drop-tables! top)
  "Let scopes from TOP on not join tables of which only the existence of a row matters, where the store
has one in any case."
  (let again ()
    (when (any (lambda (scope) (drop-one! scope top)) (all-scopes top))
      (again))))

(define (all-scopes scope)
  (cons scope (append-map all-scopes (scope-children scope))))

(define (drop-one! scope top)
  (define mentioned
    (append-map (lambda (scope)
                  (append-map (lambda (template)
                                (map current-reference (filter reference? template)))
                              (append (scope-reads scope) (%scope-conditions scope))))
                (all-scopes top)))
  (any (lambda (used)
         (and (used-table used)
              (not (any (lambda (reference) (eq? used (car reference))) mentioned))
              (let ((columns (delete-duplicates
                              (append-map (lambda (scope) (joined-columns scope used))
                                          (all-scopes top)))))
                (match columns
                  ((column) (and (sure-to-exist? scope used column)
                                 (begin (set-used-same-as! used 'dropped) #t)))
                  (_ #f)))))
       (scope-tables/newest-first scope)))

(define (alive class)
  (filter (match-lambda ((used . _) (not (used-same-as used)))) class))

(define (joined-columns scope used)
  "The columns of USED that SCOPE knows to equal another one."
  (append-map (lambda (class)
                (let ((class (alive class)))
                  (if (and (pair? class) (pair? (cdr class)))
                      (filter-map (match-lambda
                                    ((other . column) (and (eq? other used) column)))
                                  class)
                      '())))
              (scope-classes scope)))

(define (sure-to-exist? scope used column)
  (and (member (list column) (table-keys (used-table used)))
       (any (match-lambda
              ((other . other-column)
               (and (not (eq? other used)) (refers? (cons other other-column) used))))
            (alive (class-of scope (cons used column))))))

;;; What the SELECT must say.

(define (scope-equalities scope)
  "The pairs of references that SCOPE must say are equal; what the scopes around it say is left out."
  (define outer (scope-outer scope))
  (define (outer-class reference)
    (if outer (map current-reference (class-of outer reference)) '()))
  (append-map
   (lambda (class)
     (let loop ((rest (delete-duplicates (map current-reference (alive class)))) (kept '()))
       (match rest
         (() (match (reverse kept)
               ((first . others) (map (lambda (other) (cons first other)) others))
               (() '())))
         ((reference . rest)
          ;; Of what is equal outside already, one is enough.
          (loop rest
                (if (and (not (eq? scope (used-scope (car reference))))
                         (any (lambda (other) (member other (outer-class reference))) kept))
                    kept
                    (cons reference kept)))))))
   (scope-classes scope)))

;;; Functional dependencies.

(define (determines? scope given wanted)
  "True where in the rows of SCOPE the references GIVEN determine all the references WANTED."
  ;; KNOWN are references, TABLES those whose row is determined.
  (let again ((known (map current-reference given)) (tables '()))
    (define (known? reference)
      (or (memq (car reference) tables)
          (any (lambda (other) (or (member other known) (memq (car other) tables)))
               (class-of scope reference))))
    (match (find (lambda (used)
                   (and (used-table used)
                        (not (memq used tables))
                        (any (lambda (key)
                               (every (lambda (column) (known? (cons used column))) key))
                             (table-keys (used-table used)))))
                 (scope-tables scope))
      (#f (every (lambda (reference) (known? (current-reference reference))) wanted))
      (used (again known (cons used tables))))))

;;; Names for keys.

(define (lookups scope references)
  "How REFERENCES, or #f for what is none, are looked up in SCOPE where it is known what one column is: a
pair of that, of which there is one value for each combination of theirs, and of a list of
(TABLE COLUMN OTHER), in which each row of OTHER, the column or one of a table before, has one of TABLE in
which COLUMN is the same.  #f where that cannot be."
  (define (steps-from one)
    ;; All tables that can be looked up, the last one first.
    (let again ((steps '()))
      (define (reached? reference)
        (or (equal? reference one) (assq (car reference) steps)))
      (match (any (lambda (used)
                    (and (not (eq? used (car one)))
                         (not (assq used steps))
                         (used-table used)
                         (any (match-lambda
                                ((column)
                                 (and=> (find (lambda (other)
                                                (and (reached? other) (refers? other used)))
                                              (class-of scope (cons used column)))
                                        (lambda (other) (list used column other))))
                                (_ #f))
                              (table-keys (used-table used)))))
                  (scope-tables scope))
        (#f steps)
        (step (again (cons step steps))))))
  (define (needed steps)
    ;; Of STEPS those that lead to a reference, in their order.
    (let loop ((steps steps) (wanted (map car references)) (kept '()))
      (match steps
        (() kept)
        (((and step (used _ other)) . rest)
         (if (memq used wanted)
             (loop rest (cons (car other) wanted) (cons step kept))
             (loop rest wanted kept))))))
  (and (pair? references)
       (every identity references)
       (any (lambda (one)
              (and (determines? scope references (list one))
                   (let ((steps (steps-from one)))
                     (and (every (lambda (reference)
                                   (or (equal? reference one) (assq (car reference) steps)))
                                 references)
                          (cons one (needed steps))))))
            (append-map (lambda (used)
                          (if (used-table used)
                              (map (match-lambda ((column . _) (cons used column)))
                                   (table-references (used-table used)))
                              '()))
                        (scope-tables scope)))))

(define (refers? reference used)
  "True where each value of REFERENCE has a row of USED."
  (match reference
    ((other . column)
     (and (used-table other)
          (eq? (table-name (used-table used)) (table-refers-to (used-table other) column))))))
