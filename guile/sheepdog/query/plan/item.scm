;;; item.scm -- goals as items, the data that a SELECT is made of.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; See block.scm for what items are.  A goal that is none is left to the search.
(define-module (sheepdog query plan item)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query aggregate)
  #:use-module (sheepdog query plan conjunction)
  #:use-module (sheepdog query negation)
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query plan numbering)
  #:use-module (sheepdog query outer)
  #:use-module (sheepdog query relation)
  #:use-module (srfi srfi-1)
  #:export (goal->item last-item? without-last constraint-items goal-asks-store? item-asks-store?))

(define (goal-asks-store? goal state)
  "True where GOAL, a described one, is a call of a relation in STATE, or has one in it that a SELECT can
say."
  (or (call-goal? goal)
      (and (or (existence-goal? goal) (group-goal? goal))
           (let ((item (goal->item goal state (make-numbering))))
             (and item (item-asks-store? item))))))

(define (item-asks-store? item)
  "True where ITEM is a call of a relation, or has one in it."
  (match item
    (('call . _) #t)
    (((or 'none 'some) _ . items) (any item-asks-store? items))
    (((or 'fold 'group) _ _ _ . items) (any item-asks-store? items))
    (_ #f)))

(define (goal->item goal state numbering)
  "GOAL, a described one, in STATE as an item with the numbers of NUMBERING; #f where it is none."
  (match (goal-description goal)
    (((? relation? relation) . terms)
     (for-each (lambda (column term)
                 (check-found-term relation column (walk term state)))
               (relation-columns relation) terms)
     (cons* 'call (relation-name relation) (number-terms! numbering terms state)))
    (((? operation? operation) . terms)
     (cons* (if (comparison? operation) 'compare 'compute)
            (if (and (eq? 'timeso (operation-name operation)) (may-divide-by-0? terms state))
                'timeso/last
                (operation-name operation))
            (number-terms! numbering terms state)))
    (((? existence? existence) . _)
     (match (inner-items (lambda (start) (values '() (existence-goal existence))) state numbering)
       ((() around . items)
        (cons* (if (existence-negated? existence) 'none 'some)
               (outer-variables (existence-outer existence) around '() state numbering)
               items))
       (#f #f)))
    (((? group? group) . _)
     (group->item group state numbering))
    (_ #f)))

(define (may-divide-by-0? terms state)
  "True where TERMS, of timeso, in STATE do not say that one of the factors is a number other than 0."
  (match terms
    ((a b _)
     (not (any (lambda (term)
                 (let ((factor (walk term state)))
                   (and (finite-real? factor) (not (zero? (canonical-number factor))))))
               (list a b))))))

(define (last-item? item)
  "True where ITEM, perhaps #f, is one that tells something last, see block.scm."
  (match item (('compute 'timeso/last . _) #t) (_ #f)))

(define (without-last item)
  "ITEM where another goal, which is no item, may say what it would tell last, see block.scm."
  (match item
    (('compute 'timeso/last . arguments) (cons* 'compute 'timeso/forward arguments))
    (_ item)))

(define (group->item group state numbering)
  (define results (map cadr (group-aggregates group)))
  (define (simple? term)
    (not (pair? (walk term state))))
  (match (and (every simple? (group-keys group))
              (every simple? results)
              (inner-items (group-instantiate group) state numbering))
    (((inputs ...) around . items)
     (let ((outer (outer-variables (group-outer group) around (group-keys group) state numbering))
           (folds (map (lambda (aggregate result input) (list (car aggregate) result input))
                       (group-aggregates group)
                       (number-terms! numbering results state)
                       inputs)))
       (if (group-whole? group)
           (cons* 'fold outer '() folds items)
           (cons* 'group outer (number-terms! numbering (group-keys group) state) folds items))))
    (#f #f)))

(define (outer-variables outer around but state numbering)
  "The numbers of the variables that are free in STATE and in OUTER, an alist of names to terms, or in the
list AROUND, but not in the list of terms BUT."
  (number-terms! numbering
                 (lset-difference eq?
                                  (unknown-variables (append around (map cdr outer)) state)
                                  (unknown-variables but state))
                 state))

(define (inner-items instantiate state numbering)
  "A list that begins with what the terms are that go out of an inner goal in STATE, as arguments, #f for
#f, and with a list of the variables from around that are in its items, named there or not, and goes on
with these; (INSTANTIATE STATE) returns the terms and the goal.  #f where that is not made of items alone,
or says something of a variable that no item does."
  (let ((start (state-branch state)))
    (call-with-values (lambda () (instantiate start))
      (lambda (outputs goal)
        (let* ((conjunction (collect start (list goal)))
               (inner (conjunction-state conjunction)))
          (and inner
               (null? (conjunction-choices conjunction))
               (null? (conjunction-opaque conjunction))
               (null? (conjunction-behind conjunction))
               (same-bindings? start inner)
               (let ((items (map (lambda (goal) (goal->item goal inner numbering))
                                 (conjunction-asked conjunction))))
                 (and (every identity items)
                      (let* ((local (filter (lambda (variable)
                                              (not (older? variable (age start))))
                                            (numbered-outside numbering)))
                             (constraints (constraint-items local numbering inner)))
                        (note-inner! numbering local)
                        (and (every identity constraints)
                             (let ((arguments
                                    (map (lambda (output)
                                           (and output
                                                (car (number-terms! numbering (list output) inner))))
                                         outputs))
                                   (items (append items constraints)))
                               (cons* arguments
                                      (variables-around (cons arguments items) numbering start)
                                      items))))))))))))

(define (variables-around items numbering start)
  "The variables in ITEMS that were there before START, a branch."
  (define variables (list->vector (numbered-variables numbering)))
  (define (numbers part)
    (match part
      ((? exact-integer? n) (list n))
      (('const . _) '())
      ((first . rest) (append (numbers first) (numbers rest)))
      (_ '())))
  (filter (lambda (variable) (older? variable (age start)))
          (map (lambda (n) (vector-ref variables n)) (delete-duplicates (numbers items)))))

(define (constraint-items variables numbering state)
  "The items that VARIABLES, a list, differ from what they must in STATE; #f in place of those of a
variable that more is known of."
  (append-map (lambda (variable)
                (match (unequal-terms variable state)
                  (#f '(#f))
                  (terms
                   (map (lambda (term)
                          (cons 'differ (number-terms! numbering (list variable term) state)))
                        terms))))
              variables))
