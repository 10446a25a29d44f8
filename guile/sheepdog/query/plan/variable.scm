;;; variable.scm -- a block, and what its variables stand for in the tables that it joins.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query plan variable)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query plan operand)
  #:use-module (sheepdog query plan scope)
  #:use-module (srfi srfi-9)
  #:export (make-block block-scope block-namer block-operands
            block-operand argument-operand bind! reference-of))

(define-record-type <block>
  (make-block scope outer namer operands)
  block?
  (scope block-scope)
  (outer block-outer)                            ; <block> or #f
  (namer block-namer)                            ; short name -> a symbol that no other table has
  (operands block-operands set-block-operands!)) ; alist: variable -> <operand>

(define (block-operand block variable)
  "What VARIABLE stands for in BLOCK, an <operand>; #f where that is not known."
  (or (assv-ref (block-operands block) variable)
      (and (block-outer block) (block-operand (block-outer block) variable))))

(define (reference-of operand)
  "The reference that OPERAND is, where it is one that is never NULL; else #f."
  (and (not (operand-nullable? operand)) (plain-reference operand)))

(define (plain-reference operand)
  (match (operand-sql operand)
    ((((? used? used) . column)) (cons used column))
    (_ #f)))

(define (bind! block argument operand)
  "Let ARGUMENT, a variable or a constant, be OPERAND in BLOCK."
  (define scope (block-scope block))
  (define reference (reference-of operand))
  (cond
   ((constant? argument)
    (when (and (plain-reference operand)
               (not (memq (constant-kind argument) (operand-null operand))))
      (note-constant! scope (plain-reference operand)
                      (cons (constant-index argument) (operand-storage operand))))
    (hold! scope (equal-constant operand argument)))
   ((block-operand block argument)
    => (lambda (known)
         (let ((other (reference-of known)))
           (if (and reference other (eq? (operand-storage operand) (operand-storage known)))
               (equate! scope other reference)
               (hold! scope (equal-operands known operand))))))
   (else (set-block-operands! block (acons argument operand (block-operands block))))))

(define (argument-operand block argument)
  "The operand of ARGUMENT: #f for a constant; unknown for a variable that is not known."
  (if (constant? argument)
      #f
      (match (block-operand block argument)
        (#f 'unknown)
        (operand
         (if (and (operand-nullable? operand)
                  (plain-reference operand)
                  (constant-together? (block-scope block) (plain-reference operand)))
             (never-null operand)
             operand)))))
