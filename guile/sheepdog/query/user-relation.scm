;;; user-relation.scm -- relations that users define, used as those over the store are.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The goal of a call is described, as (USER-RELATION TERM ...), for who plans a conjunction, and
;;; open-goal opens it, where its goals are a conjunction, which it puts off.
(define-module (sheepdog query user-relation)
  #:use-module (sheepdog kanren)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (system syntax)
  #:export (define-relation
            user-relations user-relation? user-relation-name user-relation-arguments user-relation-doc
            user-relation-goal?))

(define-record-type <user-relation>
  (make-user-relation name arguments doc body)
  user-relation?
  (name user-relation-name)            ; symbol
  (arguments user-relation-arguments)  ; list of symbols
  (doc user-relation-doc)              ; string or #f
  (body user-relation-body))           ; procedure: terms -> goal

(define registry '())

(define (user-relations)
  "The relations that define-relation has defined, in the order of their definitions; of those with the
same name the last one."
  (reverse registry))

(define (declare relation)
  (set! registry
        (cons relation
              (remove (lambda (other)
                        (eq? (user-relation-name relation) (user-relation-name other)))
                      registry)))
  relation)

(define-syntax define-relation
  (lambda (form)
    "(define-relation (NAME ARGUMENT ...) [DOCSTRING] GOAL ...): define the relation NAME: (NAME
TERM ...) is the goal that all GOALs hold.  It may recur, and use relations that are defined later."
    (define (definition name arguments doc goals)
      (with-syntax ((name name)
                    ((argument ...) arguments)
                    (doc doc)
                    (goals goals))
        #'(define-goals (name argument ...) (or doc "it has no docstring")
            (declare (make-user-relation 'name '(argument ...) doc
                                         (relation-body (argument ...) . goals)))
            relation-goal)))
    (syntax-case form ()
      ((_ (name argument ...) doc goal goals ...)
       (and (string? (syntax->datum #'doc))
            (and-map identifier? #'(name argument ...)))
       (definition #'name #'(argument ...) #'doc #'(goal goals ...)))
      ((_ (name argument ...) goal goals ...)
       (and (not (string? (syntax->datum #'goal)))
            (and-map identifier? #'(name argument ...)))
       (definition #'name #'(argument ...) #'#f #'(goal goals ...))))))

(define (relation-goal relation written terms)
  (check-call written (user-relation-name relation) (user-relation-arguments relation) terms)
  (make-described-goal (cons relation terms)
                       (lambda (state) ((apply (user-relation-body relation) terms) state))))

(define (user-relation-goal? goal)
  "True where GOAL is a call of what define-relation has defined."
  (described-by? goal user-relation?))

;;; Relations that are defined later.

;; A call of a relation is a syntax, which is not known as one before the relation is defined; so what
;; is called and not known yet is looked up when it is called.

(define-syntax relation-body
  (lambda (form)
    "(relation-body (ARGUMENT ...) GOAL ...): the procedure that makes of ARGUMENTs the goal that all
GOALs hold, in which names that are not bound yet may be called."
    (define (unbound? id)
      (call-with-values (lambda () (syntax-local-binding id))
        (lambda (type value)
          (and (eq? type 'global)
               (not (module-variable (current-module) (syntax->datum id)))))))
    (define (add id found)
      (if (and (unbound? id)
               (not (any (lambda (other) (bound-identifier=? id other)) found)))
          (cons id found)
          found))
    (define (add-heads x found)
      (syntax-case x ()
        ((head . _)
         (and (identifier? #'head) (memq (syntax->datum #'head) '(quote quasiquote)))
         found)
        ;; A guard in a pattern, see matche.
        ((mark test name)
         (and (identifier? #'mark) (identifier? #'test) (eq? '? (syntax->datum #'mark)))
         (add #'test found))
        ((head . rest)
         (add-heads-in #'rest
                       (if (identifier? #'head) (add #'head found) (add-heads #'head found))))
        (_ found)))
    (define (add-heads-in list found)
      (syntax-case list ()
        ((first . rest) (add-heads-in #'rest (add-heads #'first found)))
        (_ found)))
    (syntax-case form ()
      ((_ (argument ...) goal ...)
       (with-syntax (((later ...) (add-heads-in #'(goal ...) '())))
         #'(let ((later (procedure-later (current-module) 'later)) ...)
             (lambda (argument ...)
               (fresh () goal ...))))))))

(define (procedure-later module name)
  "What calls the procedure or relation that NAME, a symbol, stands for in MODULE when it is called."
  (lambda terms
    (apply (or (bound-to module (derived-name name 'procedure))
               (bound-to module name)
               (scm-error 'unbound-variable #f "Unbound variable: ~S" (list name) #f))
           terms)))

(define (bound-to module name)
  (let ((variable (module-variable module name)))
    (and variable (variable-bound? variable) (variable-ref variable))))
