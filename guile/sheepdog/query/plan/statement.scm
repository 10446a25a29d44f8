;;; statement.scm -- the part of a conjunction that the store answers: one SELECT, prepared once a shape.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The *shape* of a conjunction is what is left of it when its variables are numbered and its values
;;; taken out, as items (see block.scm).  A plan depends on that alone, so it is made once and kept.
(define-module (sheepdog query plan statement)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query plan block)
  #:use-module (sheepdog query plan comparing)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query negation)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query plan item)
  #:use-module (sheepdog query plan numbering)
  #:use-module (sheepdog query plan operand)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query plan select)
  #:use-module (sheepdog query plan variable)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query type)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:export (store-part ordered-part ask-store report-of current-observer))

;;; Plans.

(define-record-type <plan>
  (make-plan sql slots outputs kinds left ordered)
  plan?
  (sql plan-sql)                ; string
  (slots plan-slots)            ; list of <slot>, for parameters
  (outputs plan-outputs)        ; list of variables, numbers
  (kinds plan-kinds)            ; string: of the columns, see open-rows
  (left plan-left)              ; list of the places, from 0, of the items that are not in it
  (ordered plan-ordered))       ; how many keys of the order it knows

(define plans (make-hash-table))
(define most-plans 1000)
(define plans-version #f)

(define* (plan-items items wanted #:optional (order '()) limit)
  "The plan of ITEMS; WANTED is a list of the variables, numbers, whose values are asked for, or #f: all.
ORDER is a list of pairs of < or > and a variable, LIMIT how many rows are wanted, or #f."
  (unless (eqv? plans-version (relations-version))
    (hash-clear! plans)
    (set! plans-version (relations-version)))
  (let ((key (cons* (and (current-moment) #t) wanted order limit items)))
    (or (hash-ref plans key)
        (let ((plan (make-plan-of items wanted order limit)))
          ;; A program that makes up shapes for ever is not to fill the memory.
          (when (> (hash-count (const #t) plans) most-plans) (hash-clear! plans))
          (hash-set! plans key plan)
          plan))))

(define (make-plan-of items wanted order limit)
  (call-with-values (lambda () (items->block items wanted (map cdr order)))
    (lambda (block outputs left)
      (call-with-values
          (lambda ()
            (let ((keys (order-keys block order)))
              (when limit (order-inside! block keys limit))
              (block->sql block (map (lambda (output) (operand-sql (cdr output))) outputs)
                          #:order keys #:limit limit)))
        (lambda (sql slots)
          (make-plan sql slots
                     (map car outputs)
                     (list->string
                      (map (lambda (output) (type-kind (operand-type (cdr output)))) outputs))
                     (map (lambda (item) (list-index (lambda (other) (eq? item other)) items))
                          left)
                     (count (match-lambda ((_ . variable) (block-operand block variable)))
                            order)))))))

(define (order-keys block order)
  (filter-map (match-lambda
                ((direction . variable)
                 (let ((operand (block-operand block variable)))
                   (and operand
                        `(,@(order-key operand) ,@(if (eq? '> direction) '(" DESC") '()))))))
              order))

;;; Asking.

(define current-observer
  ;; #f, or a procedure (SQL PARAMETERS GOALS) that is told of each SELECT that is asked and of the goals
  ;; that it says, and returns a procedure that is told how many rows are read.
  (make-parameter #f))

(define (answers-of-plan plan numbering state goals)
  "The stream of the rows of PLAN, which says GOALS, in STATE, where NUMBERING says what its numbers are."
  (define variables (list->vector (numbered-variables numbering)))
  (define parameters (parameter-values (plan-slots plan) numbering))
  (define observer (current-observer))
  (define (open state)
    (open-rows state (plan-sql plan) parameters (plan-kinds plan)))
  ((goal-from-rows
    (if observer
        (let ((count-rows (observer (plan-sql plan) parameters goals)))
          (lambda (state)
            (call-with-values (lambda () (open state))
              (lambda (next close)
                (values (lambda (n)
                          (let ((batch (next n)))
                            (count-rows (length (cdr batch)))
                            batch))
                        close)))))
        open)
    (map (lambda (output) (vector-ref variables output)) (plan-outputs plan)))
   state))

(define (parameter-values slots numbering)
  (define constants (list->vector (numbered-constants numbering)))
  (map (lambda (slot)
         ((slot-convert slot)
          (and (slot-index slot)
               (vector-ref constants (slot-index slot)))))
       slots))

(define (ask-store state goal)
  "The stream of GOAL, a call of a relation, in STATE."
  (let* ((numbering (make-numbering))
         (item (goal->item goal state numbering)))
    (answers-of-plan (plan-items (list item) #f) numbering state (list goal))))

(define (store-part state goals interesting alone?)
  "Ask the store for what it can answer of GOALS, described ones, in STATE; ALONE? is true where there are
no others beside them.  But for goals that are left, only variables are of interest of which the procedure
that INTERESTING makes of a state says so; #f: all are.  Return two values: the stream of the answers, and
those of GOALS that are left."
  (let*-values (((numbering items constraints) (number-goals goals state))
                ((items) (if (or (not (any last-item? items))
                                 (and alone? (nothing-told-beside? goals items)))
                             items
                             (map without-last items)))
                ((said) (append (filter identity items) (filter identity constraints))))
    (define (left-of plan)
      (let ((left (map (lambda (place) (list-ref said place)) (plan-left plan))))
        (filter-map (lambda (goal item) (and (or (not item) (memq item left)) goal))
                    goals items)))
    (define plan
      (let ((all (plan-items said #f)))
        ;; Only where all is said may what nobody asks for be left out.
        (match (and interesting
                    (null? (plan-left all))
                    (= (length said) (+ (length items) (length constraints)))
                    (wanted-variables numbering state interesting))
          (#f all)
          (wanted (plan-items said wanted)))))
    (let ((left (left-of plan)))
      (if (any (lambda (goal item)
                 (and item (item-asks-store? item) (not (memq goal left))))
               goals items)
          (values (answers-of-plan plan numbering state (lset-difference eq? goals left)) left)
          (values state goals)))))

(define (nothing-told-beside? goals items)
  "True where those of GOALS that a plan of ITEMS, #f for what is none, leaves say nothing of what they are
about."
  (define (tells? goal) (not (or (comparison-goal? goal) (existence-goal? goal))))
  (and (every (lambda (goal item) (or item (not (tells? goal)))) goals items)
       (let* ((said (filter identity items))
              (left (map (lambda (place) (list-ref said place)) (plan-left (plan-items said #f)))))
         (every (lambda (goal item) (not (and (memq item left) (tells? goal)))) goals items))))

(define (ordered-part state goals interesting directions terms limit)
  "The stream of GOALS, see store-part, in the order of TERMS, each in its direction of DIRECTIONS, and at
most LIMIT answers, where that is not #f; or unknown where the store cannot answer all of that."
  (let*-values (((numbering items constraints) (number-goals goals state))
                ((keys) (number-terms! numbering terms state)))
    (if (and (every identity items)
             ;; What is left out after the limit would be missing.
             (every identity constraints)
             (any item-asks-store? items)
             (every integer? keys))
        (match (wanted-variables numbering state interesting)
          (#f 'unknown)
          (wanted
           (let ((plan (plan-items (append items constraints) wanted
                                   (map cons directions keys) limit)))
             (if (and (null? (plan-left plan))
                      (= (length keys) (plan-ordered plan)))
                 (answers-of-plan plan numbering state goals)
                 'unknown))))
        'unknown)))

(define (number-goals goals state)
  "Return three values: the numbering of GOALS, described ones, in STATE; the items that they are, #f for
what is none; and those of what is known of their variables besides, likewise."
  (let* ((numbering (make-numbering))
         (items (map (lambda (goal) (goal->item goal state numbering)) goals)))
    (values numbering items (constraint-items (numbered-outside numbering) numbering state))))

(define (wanted-variables numbering state interesting)
  "The numbers of the variables of NUMBERING whose values are wanted, see store-part; #f where more is known
of a variable that is wanted and has no number: that may be about any other one."
  (call-with-values (lambda () (interesting state))
    (lambda (interesting? others)
      (let ((variables (numbered-outside numbering)))
        (and (not (any (lambda (variable)
                         (and (constrained? variable state) (not (memq variable variables))))
                       others))
             (filter-map (lambda (variable)
                           (and (interesting? variable) (variable-number! numbering variable)))
                         variables))))))

(define (report-of relation values)
  "The id of the report that said that VALUES are a row of RELATION, a text; #f where it is not known."
  (let* ((numbering (make-numbering))
         (item (cons* 'call (relation-name relation) (number-terms! numbering values #f))))
    (call-with-values (lambda () (items->block (list item) '() '()))
      (lambda (block outputs left)
        (match (report-reference block)
          (#f #f)
          (reference
           (call-with-values
               (lambda ()
                 (block->sql block `(("(SELECT uuid FROM report WHERE report_id = " ,reference ")"))
                             #:limit 1))
             (lambda (sql slots)
               (match (first-row sql (parameter-values slots numbering) "u")
                 (#(report) report)
                 (#f #f))))))))))
