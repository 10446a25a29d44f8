;;; reify.scm -- answers as people read them: (term constraint ...)
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; A free variable is shown as _.0, _.1 and so on, in the order of appearance.
;; If constraints are left, the answer is
;;
;;   (term (=/= ((_.0 5) ...) ...) (num _.0 ...) (str ...) (sym ...)
;;         (absento (part _.0) ...))
;;
;; with only the parts that say something, sorted, and without constraints that
;; others imply, or that speak of variables that are not in the term: such a
;; variable can be chosen so that the constraint holds.

(define-module (sheepdog kanren reify)
  #:use-module (srfi srfi-1)
  #:use-module (sheepdog kanren constraint)
  #:use-module (sheepdog kanren term)
  #:export (reify))

(define (reify term state)
  "Return TERM as an answer in STATE."
  (let ((term (walk* term state)))
    (if (contains-variable? term)
        (let* ((free  (free-variables term))
               (shown (substitute term (name-variables free))))
          (if (any (lambda (var) (attr? (attr-of state var))) free)
              (reify/constrained shown free state)
              shown))
        term)))

(define (free-variables term)
  "Return the variables in TERM, each once, in the order of appearance."
  (let loop ((term term) (seen +empty-trie+) (vars '())
             (next (lambda (seen vars) (reverse vars))))
    (cond
     ((pair? term)
      (loop (car term) seen vars
            (lambda (seen vars) (loop (cdr term) seen vars next))))
     ((and (var? term) (none? (trie-ref seen term)))
      (next (trie-set seen term #t) (cons term vars)))
     (else (next seen vars)))))

(define (name-variables vars)
  "Return the trie of the name of each of VARS."
  (fold (lambda (var number names)
          (trie-set names var
                    (string->symbol
                     (string-append "_." (number->string number)))))
        +empty-trie+ vars (iota (length vars))))

(define (substitute term names)
  "Return TERM with each variable that NAMES knows by its name."
  (cond
   ((pair? term)
    (cons (substitute (car term) names) (substitute (cdr term) names)))
   ((var? term)
    (let ((name (trie-ref names term)))
      (if (none? name) term name)))
   (else term)))

(define (reify/constrained shown free state)
  "Return the answer with the term SHOWN, in which the variables FREE are left."
  (define names (name-variables free))

  (define (relevant? term)
    (not (contains-variable? (substitute term names))))

  ;; The latest first: where two constraints imply each other, that says which
  ;; one is shown.
  (define (collect part)
    (append-map (lambda (var)
                  (let ((attr (attr-of state var)))
                    (if (none? attr) '() (part var attr))))
                (reverse free)))

  (define absences
    (filter relevant?
            (collect (lambda (var attr)
                       (map (lambda (part) (cons (walk* part state) var))
                            (attr-absent attr))))))

  (define disequalities
    (filter relevant?
            (collect (lambda (var attr)
                       (filter-map (lambda (pairs) (simplify pairs state))
                                   (attr-unequal attr))))))

  (define (show-pairs pairs)
    (map (lambda (pair) (list (car pair) (cdr pair))) pairs))

  (define (part name items)
    (if (null? items) '() (list (cons name items))))

  (define types
    (append-map
     (lambda (type)
       (part (type-name type)
             (sort-terms
              (filter-map (lambda (var)
                            (and (eq? (type-of state var) type)
                                 (trie-ref names var)))
                          free))))
     +types+))

  (define constraints
    (append
     (part '=/=
           (map show-pairs
                (sort-terms
                 (map (lambda (pairs)
                        (sort-terms (map orient (substitute pairs names))))
                      (needed-disequalities disequalities absences state)))))
     types
     (part 'absento
           (show-pairs
            (sort-terms
             (substitute (needed-absences absences state) names))))))

  (if (null? constraints)
      shown
      (cons shown constraints)))

(define (contains-variable? term)
  (if (pair? term)
      (or (contains-variable? (car term)) (contains-variable? (cdr term)))
      (var? term)))

(define (type-of state term)
  "Return the type that the free variable TERM has in STATE, or #f."
  (let ((attr (attr-of state term)))
    (and (attr? attr) (attr-type attr))))

;;; What is implied.

(define (unify-all pairs bindings)
  "Make all PAIRS equal.  Return the bindings and what was added, as unify-prefix."
  (let loop ((pairs pairs) (bindings bindings) (added '()))
    (if (null? pairs)
        (values bindings (reverse added))
        (call-with-values
            (lambda ()
              (unify-prefix (caar pairs) (cdar pairs) bindings added))
          (lambda (bindings added)
            (if (none? bindings)
                (values bindings '())
                (loop (cdr pairs) bindings added)))))))

(define (simplify pairs state)
  "Return what is left of the disequality PAIRS in STATE, #f if it surely holds."
  (call-with-values (lambda () (unify-all pairs (state-bindings state)))
    (lambda (bindings added)
      (and (not (none? bindings))
           (walk* added state)))))

(define (disequality-implied? pairs others)
  "Return true if the disequality OTHERS holds only if PAIRS holds."
  (call-with-values (lambda () (unify-all pairs +empty-trie+))
    (lambda (bindings added)
      (call-with-values (lambda () (unify-all others bindings))
        (lambda (bindings added)
          (and (not (none? bindings)) (null? added)))))))

(define (occurs-in? part term)
  (or (equal? part term)
      (and (pair? term)
           (or (occurs-in? part (car term))
               (occurs-in? part (cdr term))))))

(define (absence-implied? absence other)
  "Return true if the absence OTHER holds only if ABSENCE holds."
  (and (eq? (cdr absence) (cdr other))
       (occurs-in? (car other) (car absence))))

(define (drop-implied implied? items)
  "Return ITEMS without those that another one implies."
  (let loop ((items items) (kept '()))
    (if (null? items)
        kept
        (let ((by? (lambda (other) (implied? (car items) other))))
          (loop (cdr items)
                (if (or (any by? (cdr items)) (any by? kept))
                    kept
                    (cons (car items) kept)))))))

(define (types-differ? a b state)
  "Return true if the terms A, a variable, and B cannot be equal for their types."
  (let ((type (type-of state a)))
    (and type
         (if (var? b)
             (let ((other (type-of state b)))
               (and other (not (eq? type other))))
             (not ((type-predicate type) b))))))

(define (atomic? absence state)
  "Return true if ABSENCE is of a variable with a type: a disequality says it."
  (type-of state (cdr absence)))

(define (needed-disequalities disequalities absences state)
  (define (holds-by-type? pairs)
    (any (lambda (pair) (types-differ? (car pair) (cdr pair) state)) pairs))
  (define (holds-by-absence? pairs)
    (any (lambda (absence)
           (and (not (atomic? absence state))
                (disequality-implied? pairs (list absence))))
         absences))
  (drop-implied disequality-implied?
                (remove (lambda (pairs)
                          (or (holds-by-type? pairs)
                              (holds-by-absence? pairs)))
                        disequalities)))

(define (needed-absences absences state)
  (drop-implied absence-implied?
                (remove (lambda (absence)
                          (or (atomic? absence state)
                              ;; No term contains a term that contains it.
                              (occurs-in? (cdr absence) (car absence))))
                        absences)))

;;; The order of terms.

(define (name-of-variable? term)
  (and (symbol? term) (string-prefix? "_" (symbol->string term))))

(define (orient pair)
  "Return PAIR, of terms shown, with the lesser of two variables first."
  (if (and (name-of-variable? (cdr pair))
           (symbol? (car pair))
           (negative? (compare-symbols (cdr pair) (car pair))))
      (cons (cdr pair) (car pair))
      pair))

(define (compare-symbols a b)
  (compare-by string<? (symbol->string a) (symbol->string b)))

(define (compare-by less? a b)
  (cond ((less? a b) -1) ((less? b a) 1) (else 0)))

(define (rank term)
  "Return the place of the kind of TERM among all kinds."
  (cond
   ((list-index (lambda (type) ((type-predicate type) term)) +types+))
   ((not term)      3)
   ((eq? term #t)   4)
   ((null? term)    5)
   ((pair? term)    6)
   (else            7)))

(define (compare a b)
  "Return a negative number, 0 or a positive one as A comes before B or after it."
  (let ((rank-a (rank a)) (rank-b (rank b)))
    (cond
     ((not (= rank-a rank-b)) (- rank-a rank-b))
     ((< rank-a (length +types+))
      (compare-by (type-order (list-ref +types+ rank-a)) a b))
     ((pair? a)
      (let ((order (compare (car a) (car b))))
        (if (zero? order) (compare (cdr a) (cdr b)) order)))
     ((= rank-a 7)
      (compare-by string<? (object->string a) (object->string b)))
     (else 0))))

(define (sort-terms terms)
  (stable-sort terms (lambda (a b) (negative? (compare a b)))))
