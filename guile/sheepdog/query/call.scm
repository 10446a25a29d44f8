;;; call.scm -- goals that are calls of relations over the store.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Such a goal is described, as (RELATION TERM ...), for who plans a conjunction.
(define-module (sheepdog query call)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query plan statement)
  #:use-module (sheepdog query written)
  #:export (define-store-relation relation->procedure))

(define-syntax define-store-relation
  (lambda (form)
    "(define-store-relation (NAME ARGUMENT ...) DOC #:columns ((ARGUMENT TYPE SQL DOC) ...) ...): define
NAME as what makes goals, see make-relation."
    (syntax-case form ()
      ((_ (name argument ...) doc keyword ...)
       (with-syntax (((relation procedure maker)
                      (derived-names #'name '(relation procedure maker))))
         #'(begin
             (define relation
               (make-relation 'name doc #:arguments '(argument ...) keyword ...))
             (define procedure (relation->procedure relation))
             (define (maker written . terms)
               (relation-goal (set-relation-written relation written) terms))
             (define-goal-maker name maker procedure)))))))

(define (relation->procedure relation)
  "The procedure that makes goals of RELATION."
  (let ((arguments (map column-name (relation-columns relation)))
        (procedure (lambda terms (relation-goal relation terms))))
    (set-procedure-property! procedure 'name (relation-name relation))
    (set-procedure-property! procedure 'documentation
                             (string-append (object->string (cons (relation-name relation) arguments))
                                            ": " (relation-doc relation)))
    procedure))

(define (relation-goal relation terms)
  "The goal that TERMS, the arguments of a call, are a row of RELATION."
  (letrec ((goal (make-described-goal (cons relation (checked-terms relation terms))
                                      (lambda (state) (ask-store state goal)))))
    goal))
