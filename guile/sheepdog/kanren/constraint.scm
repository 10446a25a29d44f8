;;; constraint.scm -- unification, and the constraints that wait on variables
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; Each constraint is a procedure from a state, and its arguments, to a state,
;; or #f where it cannot hold.  (The macros of goal.scm call these directly;
;; the goals with the usual names wrap them.)
;;
;; What cannot be decided yet waits in the attributes of free variables, and is
;; looked at again when one of them is bound.  A disequality is a list of pairs
;; (variable . term), not all of which may become equal; it waits on the first
;; variable only.  If the term beside that is a variable, it is an older one, so
;; that none of the two can come to stand for the other without the first being
;; bound.

(define-module (sheepdog kanren constraint)
  #:use-module (srfi srfi-9)
  #:use-module (sheepdog kanren term)
  #:export (unify unequal typed absent
            attr-of
            unify-prefix
            type-name type-predicate type-order
            +types+ +number+ +string+ +symbol+))

(define-record-type <type>
  (make-type name predicate order)
  type?
  (name      type-name)                 ; symbol, as in an answer
  (predicate type-predicate)            ; procedure: value -> boolean
  (order     type-order))               ; procedure: a "less than" for answers

(define (symbol<? a b)
  (string<? (symbol->string a) (symbol->string b)))

(define (number<? a b)
  "Return true if the number A comes before B in an answer."
  (if (and (real? a) (real? b))
      (< a b)
      (string<? (number->string a) (number->string b))))

(define +number+ (make-type 'num number? number<?))
(define +string+ (make-type 'str string? string<?))
(define +symbol+ (make-type 'sym symbol? symbol<?))

;; In the order of answers.
(define +types+ (list +number+ +string+ +symbol+))

;;; Unification.

(define (occurs? var term bindings)
  "Return true if the variable VAR is in TERM."
  (let loop ((term term))
    (let ((term (walk/raw term bindings)))
      (cond
       ((pair? term) (or (loop (car term)) (loop (cdr term))))
       (else (eq? term var))))))

(define-syntax-rule (same-atom? a b)
  ;; For A and B that are not eq?, and neither variables nor both pairs.
  (and (not (symbol? a)) (equal? a b)))

(define-syntax-rule (with-walked ((a b) u v bindings)
                      same bind descend differ)
  ;; Look U and V up as A and B, and go one of four ways.  BIND is called with
  ;; the variable and the term that it shall stand for: the younger variable
  ;; stands for the older one, so that answers name the older.
  (let ((a (walk/raw u bindings))
        (b (walk/raw v bindings)))
    (cond
     ((eq? a b) same)
     ((var? a)
      (if (and (var? b) (<= (var-index a) (var-index b)))
          (bind b a)
          (bind a b)))
     ((var? b) (bind b a))
     ((and (pair? a) (pair? b)) descend)
     ((same-atom? a b) same)
     (else differ))))

(define (unify-terms u v bindings scope woken)
  "Make U and V equal.  Return the new bindings, and WOKEN with (VARIABLE .
ATTRIBUTE) added for each variable bound that had constraints.  The bindings +none+
mean that U and V cannot be equal."
  (define-syntax-rule (bind var term)
    (if (and (pair? term) (occurs? var term bindings))
        (values +none+ '())
        (let ((held (var-value var)))
          (if (local? var scope)
              (begin
                (set-var-value! var term)
                (values bindings
                        (if (none? held) woken (acons var held woken))))
              (let* ((newer (trie-ref bindings var))
                     (attr  (if (none? newer) held newer)))
                (values (trie-set bindings var term)
                        (if (none? attr) woken (acons var attr woken))))))))
  (with-walked ((a b) u v bindings)
    (values bindings woken)
    bind
    (call-with-values
        (lambda () (unify-terms (car a) (car b) bindings scope woken))
      (lambda (bindings woken)
        (if (none? bindings)
            (values +none+ '())
            (unify-terms (cdr a) (cdr b) bindings scope woken))))
    (values +none+ '())))

(define (unify state u v)
  "Return STATE with the terms U and V equal, or #f."
  (let ((bindings (state-bindings state))
        (scope    (state-scope state)))
    (call-with-values
        (lambda () (unify-terms u v bindings scope '()))
      (lambda (new-bindings woken)
        (cond
         ((none? new-bindings) #f)
         (else
          (let ((state (if (eq? new-bindings bindings)
                           state
                           (make-state new-bindings scope (state-run state)))))
            (if (null? woken)
                state
                (wake-all state (reverse woken))))))))))

(define (unify-prefix u v bindings added)
  "Make U and V equal, touching no variable.  Return the new bindings, +none+ if they
cannot be equal, and ADDED with what was bound in front, the latest first."
  (define-syntax-rule (bind var term)
    (if (and (pair? term) (occurs? var term bindings))
        (values +none+ '())
        (values (trie-set bindings var term) (acons var term added))))
  (with-walked ((a b) u v bindings)
    (values bindings added)
    bind
    (call-with-values
        (lambda () (unify-prefix (car a) (car b) bindings added))
      (lambda (bindings added)
        (if (none? bindings)
            (values +none+ '())
            (unify-prefix (cdr a) (cdr b) bindings added))))
    (values +none+ '())))

;;; Attributes.

(define (attr-of state var)
  "Return the attribute of the free variable VAR in STATE, or +none+."
  (if (local? var (state-scope state))
      (var-value var)
      (let ((newer (trie-ref (state-bindings state) var)))
        (if (none? newer) (var-value var) newer))))

(define (set-attr state var attr)
  "Return STATE with ATTR as the attribute of the free variable VAR."
  (cond
   ((local? var (state-scope state))
    (set-var-value! var attr)
    state)
   (else
    (make-state (trie-set (state-bindings state) var attr)
                (state-scope state)
                (state-run state)))))

(define (wake-all state woken)
  "Return STATE if the constraints of WOKEN, a list of (VARIABLE . ATTRIBUTE) of
variables that were bound, can still hold; what is left of them waits again."
  (let loop ((state state) (woken woken))
    (cond
     ((null? woken) state)
     ((wake state (caar woken) (cdar woken))
      => (lambda (state) (loop state (cdr woken))))
     (else #f))))

(define-syntax-rule (for-all state list (state* item) next)
  ;; Thread STATE through NEXT for each item of LIST, until one gives #f.
  (let loop ((state* state) (items list))
    (if (or (not state*) (null? items))
        state*
        (loop (let ((item (car items))) next) (cdr items)))))

(define (wake state var attr)
  "Return STATE if the constraints ATTR of VAR, now bound, can still hold, or #f."
  (let* ((state (if (attr-type attr)
                    (typed state var (attr-type attr))
                    state))
         (state (for-all state (attr-absent attr) (state item)
                  (absent state item var))))
    (for-all state (attr-unequal attr) (state item)
      (unequal/all state item))))

;;; The constraints.

(define (typed state term type)
  "Return STATE with TERM of TYPE, or #f."
  (let ((term (walk term state)))
    (if (var? term)
        (let ((attr (attr-of state term)))
          (cond
           ((none? attr) (set-attr state term (make-attr type '() '())))
           ((not (attr-type attr))
            (set-attr state term
                      (make-attr type (attr-unequal attr) (attr-absent attr))))
           ((eq? (attr-type attr) type) state)
           (else #f)))
        (and ((type-predicate type) term) state))))

(define (wait-unequal state pairs)
  "Return STATE with the disequality PAIRS waiting on its first variable."
  (let* ((var  (caar pairs))
         (attr (attr-of state var)))
    (set-attr state var
              (if (none? attr)
                  (make-attr #f (list pairs) '())
                  (make-attr (attr-type attr)
                             (cons pairs (attr-unequal attr))
                             (attr-absent attr))))))

(define (unequal state u v)
  "Return STATE with the terms U and V different, or #f."
  (define bindings (state-bindings state))
  (define-syntax-rule (bind var term)
    (if (and (pair? term) (occurs? var term bindings))
        state
        (wait-unequal state (list (cons var term)))))
  (with-walked ((a b) u v bindings)
    #f
    bind
    (unequal/all state (list (cons a b)))
    state))

(define (unequal/all state pairs)
  "Return STATE with at least one of PAIRS, of terms, different, or #f."
  (if (null? (cdr pairs))
      (let ((u (walk (caar pairs) state))
            (v (walk (cdar pairs) state)))
        (if (and (pair? u) (pair? v))
            (unequal/prefix state pairs)
            (unequal state u v)))
      (unequal/prefix state pairs)))

(define (unequal/prefix state pairs)
  "As unequal/all, by making all PAIRS equal and looking at what that took."
  (let loop ((pairs pairs) (bindings (state-bindings state)) (added '()))
    (if (pair? pairs)
        (call-with-values
            (lambda ()
              (unify-prefix (caar pairs) (cdar pairs) bindings added))
          (lambda (bindings added)
            (if (none? bindings)
                state
                (loop (cdr pairs) bindings added))))
        (and (pair? added)
             (wait-unequal state (reverse added))))))

(define (absent state part term)
  "Return STATE with the term PART nowhere in TERM, or #f."
  (let* ((part  (walk part state))
         (term  (walk term state))
         (state (unequal state part term)))
    (cond
     ((not state) #f)
     ((pair? term)
      (let ((state (absent state part (car term))))
        (and state (absent state part (cdr term)))))
     ((var? term)
      (let ((attr (attr-of state term)))
        (cond
         ;; The disequality above may have found nothing to wait for.
         ((none? attr) (set-attr state term (make-attr #f '() (list part))))
         ((memv part (attr-absent attr)) state)
         (else
          (set-attr state term
                    (make-attr (attr-type attr)
                               (attr-unequal attr)
                               (cons part (attr-absent attr))))))))
     (else state))))
