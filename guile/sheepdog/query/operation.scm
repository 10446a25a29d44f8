;;; operation.scm -- declaring comparisons and computations, the operations on what is known.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; An operation searches for nothing: it waits until other goals of its conjunction have said what its
;;; arguments are (see waiting.scm), and is an error if none does.
;;;
;;; The goal is described, as (OPERATION TERM ...), for who plans a conjunction; each call has an
;;; <operation> of its own, which knows how it was written.
(define-module (sheepdog query operation)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query any-typed)
  #:use-module (sheepdog query projected)
  #:use-module (sheepdog query late)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (define-operation operations
            operation? comparison? operation-name operation-doc operation-example operation-arguments
            operation-written operation-lenient?
            comparison-goal? computation-goal?
            operation-answers undetermined? complain-unknown-argument))

(define-immutable-record-type <operation>
  (make-operation kind written lenient? name doc example arguments check tell)
  operation?
  (kind operation-kind)            ; comparison or computation
  (written operation-written set-operation-written)   ; see written.scm; #f: not known
  (lenient? operation-lenient? set-operation-lenient) ; #t: a value of another type ends no question;
                                                      ; as it is told, see any-typed.scm
  (name operation-name)            ; symbol
  (doc operation-doc)              ; string
  (example operation-example)      ; a question, Scheme
  (arguments operation-arguments)  ; list of symbols
  (check operation-check)          ; OPERATION, TERMS; raises &question-error: they cannot be right
  ;; OPERATION, walked TERMS, STATE -> STATE with what it says; #f: it does not hold; unknown; or
  ;; undetermined: it holds whatever it is that is not known.
  (tell operation-tell))

(define registry '())

(define (operations kind)
  "All operations of KIND, comparison or computation, in the order of their declarations."
  (filter (lambda (operation) (eq? kind (operation-kind operation))) (reverse registry)))

(define-syntax-rule (define-operation kind (name argument ...) doc example check tell)
  "(define-operation KIND (NAME ARGUMENT ...) DOC EXAMPLE CHECK TELL): define NAME as what makes goals of
an <operation> of KIND, a symbol.  EXAMPLE is a question."
  (define-goals (name argument ...) doc
    (declare (make-operation kind #f #f 'name doc 'example '(argument ...) check tell))
    operation-goal))

(define (declare operation)
  (set! registry (cons operation registry))
  operation)

(define (operation-goal operation written terms)
  "The goal that OPERATION, as it was WRITTEN, holds for TERMS."
  (let ((operation (set-operation-written operation written)))
    (check-call written (operation-name operation) (operation-arguments operation) terms)
    ;; Of what may be of any type it is told where the goal is made.
    (unless (any projected? terms)
      ((operation-check operation) operation terms))
    (make-late-goal (cons operation terms) operation-answers
                    (lambda (goal state)
                      (and (not (undetermined? goal state))
                           (complain-unknown-argument goal state))))))

(define (comparison? x)
  "True where X is an operation that compares."
  (and (operation? x) (eq? 'comparison (operation-kind x))))

(define (computation? x)
  (and (operation? x) (eq? 'computation (operation-kind x))))

(define (comparison-goal? goal)
  "True where GOAL is one that a comparison made."
  (described-by? goal comparison?))

(define (computation-goal? goal)
  "True where GOAL is one that a computation made."
  (described-by? goal computation?))

(define (operation-answers goal state)
  "STATE with what GOAL, of an operation, says; #f where it does not hold; unknown where arguments are
that it must know."
  (match (told goal state)
    ('undetermined 'unknown)
    (answers answers)))

(define (undetermined? goal state)
  "True where GOAL, of an operation, holds in STATE whatever it is that is not known."
  (eq? 'undetermined (told goal state)))

(define (told goal state)
  (match (goal-description goal)
    ((operation . terms)
     (let ((values (map (lambda (term) (walk term state)) terms)))
       ((operation-tell operation)
        (if (and (not (every real? values))
                 (not (and (comparison? operation) (every string? values)))
                 (any (lambda (term) (any-typed? term state)) terms))
            (set-operation-lenient operation #t)
            operation)
        values state)))))

(define (complain-unknown-argument goal state)
  "Raise the &question-error that an argument of GOAL, of an operation, is unknown in STATE."
  (match (goal-description goal)
    ((operation . terms)
     (raise-unknown-argument (operation-written operation)
                             (if (comparison? operation) "compares" "computes with")
                             (operation-name operation) (operation-arguments operation)
                             (map (lambda (term) (walk term state)) terms) var?))))
