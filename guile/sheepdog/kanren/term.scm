;;; term.scm -- variables, what they stand for, and the state of a search
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; A *variable* is a vector #(tag value index).  A *state* is what flows
;; through a search: #(bindings scope run).  A *run* is what all states of one
;; search share: #(next-index opening cleanups).
;;
;; A variable may be bound in two places:
;;
;; - in itself, at no cost, if the search has not branched since the variable
;;   was made: no other branch can then see it.  Indices grow, and the scope of
;;   a state is the next index at the time of its last branching, so this is the
;;   case exactly if the variable's index is not below the state's scope;
;; - else in the state's bindings, a persistent trie by index.
;;
;; In both places there stands the value, or else, for a variable that is free,
;; an *attribute*, #(tag type disequalities absences): its constraints.  If a
;; variable holds an attribute itself, the trie may know something newer.
;;
;; The tags and +none+ are Unicode noncharacters: immediate values that no term
;; contains, so that vectors too can be terms (they are compared as atoms).
;;
;; Accessors are macros: they are most of what a search does.

(define-module (sheepdog kanren term)
  #:export (+none+ none?
            ;; Variables
            var? make-var var-value set-var-value! var-index
            ;; Attributes
            attr? make-attr attr-type attr-unequal attr-absent
            ;; Trie
            +empty-trie+ trie-ref trie-set trie-fold-new
            ;; States and runs
            make-state state-bindings state-scope state-run
            state-branch local?
            make-run run-next-index set-run-next-index! run-opening set-run-opening!
            run-cleanups set-run-cleanups!
            ;; Looking
            walk/raw walk walk*))

(define-syntax-rule (define-accessors (name index doc) ...)
  (begin (define-syntax-rule (name object) doc (vector-ref object index)) ...))

(define-syntax-rule (define-setters (name index doc) ...)
  (begin
    (define-syntax-rule (name object value)
      doc
      (vector-set! object index value))
    ...))

(define-syntax-rule (tagged? x tag)
  (and (vector? x)
       (< 0 (vector-length x))
       (eq? (vector-ref x 0) tag)))

;;; Variables and attributes.

(define-syntax +none+ (identifier-syntax #\x10ffff))
(define-syntax-rule (none? x)
  "Return true if X is +none+: there is no value."
  (eq? x +none+))

(define-syntax-rule (%var? x) (let ((y x)) (tagged? y #\x10fffe)))
(define-syntax-rule (make-var index)
  "Return a new free variable with INDEX, a natural number."
  (vector #\x10fffe +none+ index))
(define-accessors
  (var-value 1 "Return what is written in the variable itself, or +none+.")
  (var-index 2 "Return the index of the variable."))
(define-setters
  (set-var-value! 1 "Write a value or an attribute into the variable itself."))

(define-syntax var?
  (lambda (x)
    "Return true if the argument is a logic variable."
    (syntax-case x ()
      ((_ e) #'(%var? e))
      (id (identifier? #'id) #'(lambda (x) (%var? x))))))

(define-syntax-rule (attr? x)
  "Return true if X is an attribute."
  (let ((y x)) (tagged? y #\x10fffd)))
(define-syntax-rule (make-attr type unequal absent)
  "Return the attribute of a TYPE or #f, a list of disequalities, and a list of
terms that must be ABSENT."
  (vector #\x10fffd type unequal absent))
(define-accessors
  (attr-type    1 "Return the type that the attribute demands, or #f.")
  (attr-unequal 2 "Return the disequalities of the attribute.")
  (attr-absent  3 "Return the terms that the attribute wants absent."))

;;; The trie: #f, a leaf (variable . value), or a vector of four tries, chosen
;;; by the lowest two bits of the index first.

(define-syntax +empty-trie+ (identifier-syntax #f))

(define-syntax-rule (index-bits var)
  ;; The mask tells the compiler that this is a small natural number.
  (logand (var-index var) #xfffffffffffff))

(define-syntax-rule (%trie-ref trie var)
  (let loop ((node trie) (bits (index-bits var)))
    (cond
     ((pair? node) (if (eq? (car node) var) (cdr node) +none+))
     ((not node) +none+)
     (else (loop (vector-ref node (logand bits 3)) (ash bits -2))))))

(define (trie-ref trie var)
  "Return what TRIE has for the variable VAR, or +none+."
  (%trie-ref trie var))

(define (trie-set trie var value)
  "Return TRIE with VALUE for the variable VAR."
  (let loop ((node trie) (bits (index-bits var)) (depth 0))
    (cond
     ((vector? node)
      (let ((a (vector-ref node 0)) (b (vector-ref node 1))
            (c (vector-ref node 2)) (d (vector-ref node 3))
            (rest (ash bits -2)) (depth (+ depth 2)))
        (case (logand bits 3)
          ((0)  (vector (loop a rest depth) b c d))
          ((1)  (vector a (loop b rest depth) c d))
          ((2)  (vector a b (loop c rest depth) d))
          (else (vector a b c (loop d rest depth))))))
     ((not node) (cons var value))
     ((eq? (car node) var) (cons var value))
     (else (split-leaf node var value bits depth)))))

(define (split-leaf leaf var value bits depth)
  "Return the trie of LEAF, found where DEPTH bits of the index are used up, and
of VALUE for VAR, of whose index BITS are left."
  (let ((new (cons var value)))
    (let split ((old-bits (ash (index-bits (car leaf)) (- depth)))
                (new-bits bits))
      (when (= old-bits new-bits)
        (error "variables of two searches with one index:" (car leaf) var))
      (let ((node (make-vector 4 #f))
            (old-place (logand old-bits 3))
            (new-place (logand new-bits 3)))
        (cond
         ((= old-place new-place)
          (vector-set! node old-place
                       (split (ash old-bits -2) (ash new-bits -2))))
         (else
          (vector-set! node old-place leaf)
          (vector-set! node new-place new)))
        node))))

(define (trie-fold-new proc initial trie old)
  "Fold PROC, called with a variable and what is made so far, over the variables for which TRIE has
something else than OLD, out of which it was made."
  (let loop ((node trie) (old old) (made initial))
    (cond
     ((or (not node) (eq? node old)) made)
     ((pair? node) (proc (car node) made))
     (else
      (let children ((n 0) (made made))
        (if (= n 4)
            made
            ;; A leaf of OLD is somewhere below.
            (children (+ n 1)
                      (loop (vector-ref node n)
                            (if (vector? old) (vector-ref old n) old)
                            made))))))))

;;; States and runs.

(define-syntax-rule (make-state bindings scope run)
  "Return the state of BINDINGS, a trie, in SCOPE, an index, and RUN."
  (vector bindings scope run))
(define-accessors
  (state-bindings 0 "Return the trie of what the state knows.")
  (state-scope    1 "Return the next index at the state's last branching.")
  (state-run      2 "Return the run that the state belongs to."))

(define-syntax-rule (make-run next-index opening)
  "Return a run whose variables begin at NEXT-INDEX."
  (vector next-index opening #f))
(define-accessors
  (run-next-index 0 "Return the index of the next variable.")
  (run-opening    1 "Return the way out if a goal is being opened, or #f.")
  (run-cleanups   2 "Return the table of what to call at the end, or #f."))
(define-setters
  (set-run-next-index! 0 "Set the index of the next variable.")
  (set-run-opening!    1 "Set the way out of a goal that is being opened.")
  (set-run-cleanups!   2 "Set the table of what to call at the end."))

(define-syntax-rule (state-branch state)
  "Return STATE in a scope of its own: needed before a state is used twice."
  (let ((st state))
    (let ((run (state-run st)))
      (make-state (state-bindings st) (run-next-index run) run))))

(define-syntax-rule (local? var scope)
  "Return true if only states of this SCOPE can see the variable VAR."
  (>= (var-index var) scope))

;;; Looking a term up.

(define (walk/raw term bindings)
  "Return what TERM stands for in BINDINGS: a variable if it is free."
  (let loop ((term term))
    (if (%var? term)
        (let ((value (var-value term)))
          (if (or (none? value) (attr? value))
              (let ((value (%trie-ref bindings term)))
                (if (or (none? value) (attr? value))
                    term
                    (loop value)))
              (loop value)))
        term)))

(define (walk term state)
  "Return what TERM stands for in STATE, at its top: a variable if it is free."
  (walk/raw term (state-bindings state)))

(define (walk*/raw term bindings)
  "Return TERM with all that BINDINGS know put in."
  (let ((term (walk/raw term bindings)))
    (if (pair? term)
        (cons (walk*/raw (car term) bindings)
              (walk*/raw (cdr term) bindings))
        term)))

(define (walk* term state)
  "Return TERM with all that STATE knows put in."
  (walk*/raw term (state-bindings state)))
