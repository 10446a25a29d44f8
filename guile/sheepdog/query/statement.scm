;;; statement.scm -- the part of a conjunction that the store answers: one SELECT, prepared once a shape.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The *shape* of a conjunction is what is left of it when its variables are numbered and its values
;;; taken out, as items (see block.scm).  A plan depends on that alone, so it is made once and kept.
(define-module (sheepdog query statement)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query block)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query operand)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query select)
  #:use-module (sheepdog query type)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (ask-store
            make-numbering variable-number! number-arguments!
            plan-items plan-left
            answers-of-plan
            plan-sql plan-parameters))

;;; Numbering.

(define-record-type <numbering>
  (%make-numbering variables constants)
  numbering?
  (variables numbering-variables set-numbering-variables!)  ; list, the newest first
  (constants numbering-constants set-numbering-constants!)) ; likewise

(define (make-numbering)
  "What gives the variables and the constants of a conjunction numbers, from 0."
  (%make-numbering '() '()))

(define (number-in list x same?)
  ;; The number of X in LIST, whose last element is number 0; #f where it is not there.
  (let loop ((rest list))
    (cond ((null? rest) #f)
          ((same? x (car rest)) (length (cdr rest)))
          (else (loop (cdr rest))))))

(define (variable-number! numbering variable)
  "The number of VARIABLE."
  (or (number-in (numbering-variables numbering) variable eq?)
      (begin
        (set-numbering-variables! numbering (cons variable (numbering-variables numbering)))
        (- (length (numbering-variables numbering)) 1))))

(define (constant! numbering value)
  (let ((n (or (number-in (numbering-constants numbering) value equal?)
               (begin
                 (set-numbering-constants! numbering (cons value (numbering-constants numbering)))
                 (- (length (numbering-constants numbering)) 1)))))
    (cons* 'const (constant-kind-of value) n)))

(define (constant-kind-of value)
  (cond ((string? value) 'string)
        ((and (real? value) (not (nan? value)) (not (inf? value))) 'number)
        ((memq value '(now running #f)) value)
        (else 'other)))

(define (number-arguments! numbering terms state)
  "TERMS in STATE as arguments of an item."
  (map (lambda (term)
         (let ((value (walk term state)))
           (if (var? value)
               (variable-number! numbering value)
               (constant! numbering value))))
       terms))

;;; Plans.

(define-record-type <plan>
  (make-plan sql parameters outputs readers left)
  plan?
  (sql plan-sql)                ; string
  (parameters plan-parameters)  ; list of <parameter>
  (outputs plan-outputs)        ; list of variables, numbers
  (readers plan-readers)        ; list of procedures: what SQL selects -> value
  (left plan-left))             ; list of items that are not in it

(define plans (make-hash-table))
(define plans-version #f)

(define (plan-items items wanted)
  "The plan of ITEMS; WANTED is a list of the variables, numbers, whose values are asked for, or #f: all."
  (unless (eqv? plans-version (relations-version))
    (hash-clear! plans)
    (set! plans-version (relations-version)))
  (let ((key (cons wanted items)))
    (or (hash-ref plans key)
        (let ((plan (make-plan-of items wanted)))
          (hash-set! plans key plan)
          plan))))

(define (make-plan-of items wanted)
  (call-with-values (lambda () (items->block items wanted))
    (lambda (block outputs left)
      (call-with-values
          (lambda ()
            (block->sql block (map (lambda (output) (operand-sql (cdr output))) outputs)))
        (lambda (sql parameters)
          (make-plan sql parameters
                     (map car outputs)
                     (map (lambda (output) (type-from-store (operand-type (cdr output)))) outputs)
                     left))))))

;;; Asking.

(define (answers-of-plan plan numbering state)
  "The stream of the rows of PLAN in STATE, where NUMBERING says what its numbers are."
  (define variables (list->vector (reverse (numbering-variables numbering))))
  (define constants (list->vector (reverse (numbering-constants numbering))))
  (define parameters
    (map (lambda (parameter)
           ((parameter-convert parameter)
            (and (parameter-index parameter) (vector-ref constants (parameter-index parameter)))))
         (plan-parameters plan)))
  (define readers (plan-readers plan))
  ((goal-from-rows
    (lambda (state)
      (open-rows state (plan-sql plan) parameters (lambda (row) (read-row row readers))))
    (map (lambda (output) (vector-ref variables output)) (plan-outputs plan)))
   state))

(define (read-row row readers)
  (let loop ((i 0) (readers readers))
    (if (null? readers)
        '()
        (cons ((car readers) (vector-ref row i)) (loop (+ i 1) (cdr readers))))))

(define (ask-store state relation terms)
  "The stream of the rows of RELATION that TERMS are in STATE."
  (let ((numbering (make-numbering)))
    (for-each (lambda (column term)
                (check-found-term relation column (walk term state)))
              (relation-columns relation) terms)
    (let ((arguments (number-arguments! numbering terms state)))
      (answers-of-plan (plan-items (list (cons* 'call (relation-name relation) arguments)) #f)
                       numbering state))))
