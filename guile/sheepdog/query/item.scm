;;; item.scm -- goals as items, the data that a SELECT is made of.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; See block.scm for what items are.  A goal that is none is left to the search.
(define-module (sheepdog query item)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query comparison)
  #:use-module (sheepdog query computation)
  #:use-module (sheepdog query conjunction)
  #:use-module (sheepdog query negation)
  #:use-module (sheepdog query numbering)
  #:use-module (sheepdog query outer)
  #:use-module (sheepdog query relation)
  #:use-module (srfi srfi-1)
  #:export (goal->item goal-asks-store? item-asks-store?))

(define (goal-asks-store? goal state)
  "True where GOAL, a described one, is a call of a relation in STATE, or has one in it that a SELECT can
say."
  (or (call-goal? goal)
      (and (existence-goal? goal)
           (let ((item (goal->item goal state (make-numbering))))
             (and item (item-asks-store? item))))))

(define (item-asks-store? item)
  "True where ITEM is a call of a relation, or has one in it."
  (match item
    (('call . _) #t)
    (((or 'none 'some) _ . items) (any item-asks-store? items))
    (_ #f)))

(define (goal->item goal state numbering)
  "GOAL, a described one, in STATE as an item with the numbers of NUMBERING; #f where it is none."
  (match (goal-description goal)
    (((? relation? relation) . terms)
     (for-each (lambda (column term)
                 (check-found-term relation column (walk term state)))
               (relation-columns relation) terms)
     (cons* 'call (relation-name relation) (number-terms! numbering terms state)))
    (((? comparison? comparison) . terms)
     (cons* 'compare (comparison-name comparison) (number-terms! numbering terms state)))
    (((? computation? computation) . terms)
     (cons* 'compute (computation-name computation) (number-terms! numbering terms state)))
    (((? existence? existence) . terms)
     (let ((items (inner-items (existence-goal existence) state numbering)))
       (and items
            (cons* (if (existence-negated? existence) 'none 'some)
                   (outer-variables terms state numbering)
                   items))))
    (_ #f)))

(define (outer-variables terms state numbering)
  "The numbers of the variables in TERMS that are free in STATE."
  (number-terms! numbering
                 (delete-duplicates
                  (append-map (lambda (term) (unknown-variables term state)) terms) eq?)
                 state))

(define (inner-items goal state numbering)
  "The items of the goals in GOAL, which is inside of another one in STATE; #f where it is not made of
items alone, or says something of a variable that no item does."
  (let* ((start (state-branch state))
         (newest (newest-variable start))
         (conjunction (collect start (list goal)))
         (inner (conjunction-state conjunction)))
    (and inner
         (null? (conjunction-choices conjunction))
         (null? (conjunction-opaque conjunction))
         (null? (conjunction-behind conjunction))
         (same-bindings? start inner)
         (let ((items (map (lambda (goal) (goal->item goal inner numbering))
                           (conjunction-asked conjunction))))
           (and (every identity items)
                (not (any (lambda (variable)
                            (and (not (older? variable newest)) (constrained? variable inner)))
                          (numbered-variables numbering)))
                items)))))
