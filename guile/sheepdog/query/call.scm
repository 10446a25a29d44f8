;;; call.scm -- goals that are calls of relations over the store.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Such a goal is described, as (RELATION TERM ...), for who plans a conjunction.
(define-module (sheepdog query call)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query plan statement)
  #:use-module (sheepdog query written)
  #:export (define-store-relation))

(define-syntax-rule (define-store-relation (name argument ...) doc keyword ...)
  "(define-store-relation (NAME ARGUMENT ...) DOC #:columns ((ARGUMENT TYPE SQL DOC) ...) ...): define
NAME as what makes goals, see make-relation."
  (define-goals (name argument ...) doc
    (make-relation 'name doc #:arguments '(argument ...) keyword ...)
    relation-goal))

(define (relation-goal relation written terms)
  "The goal that TERMS, the arguments of a call that was WRITTEN so, are a row of RELATION."
  (define relation/written (set-relation-written relation written))
  (letrec ((goal (make-described-goal (cons relation/written
                                            (checked-terms relation/written terms))
                                      (lambda (state) (ask-store state goal)))))
    goal))
