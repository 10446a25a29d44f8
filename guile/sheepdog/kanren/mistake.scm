;;; mistake.scm -- what is said where something else stands in the place of a goal
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; What can be seen as it is written is a syntax error; what shows only as the
;; program runs is a &question-error with the place where it was written.

(define-module (sheepdog kanren mistake)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog kanren term)
  #:use-module (sheepdog located)
  #:use-module (srfi srfi-1)
  #:export (;; While forms are expanded
            check-variables check-goal written
            ;; While a program runs
            refuse-goals refuse-relation require-goal check-limit))

;;; As written.

(define %usages
  '((== (== a b)) (=/= (=/= a b))
    (symbolo (symbolo term)) (numbero (numbero term)) (stringo (stringo term))
    (absento (absento part term))
    (succeed succeed) (fail fail)
    (run "(run LIMIT (VARIABLE ...) GOAL ...) or (run* (VARIABLE ...) GOAL ...)")
    (fresh "(fresh (VARIABLE ...) GOAL ...)")))

(define (check-variables name variables form)
  "Raise a syntax error unless VARIABLES, a part of FORM, is a list of names, each of which is
there once; the form's NAME is a symbol."
  (syntax-case variables ()
    ((variable ...)
     (and-map identifier? #'(variable ...))
     (let loop ((ids #'(variable ...)))
       (when (pair? ids)
         (when (any (lambda (other) (bound-identifier=? (car ids) other)) (cdr ids))
           (syntax-violation name "a variable is named twice" form (car ids)))
         (loop (cdr ids)))))
    (_
     (syntax-violation name
                       (format #f "no list of variables (it is written as ~a)"
                               (car (assq-ref %usages name)))
                       form (and (not (eq? form variables)) variables)))))

(define (check-goal goal known)
  "Raise a syntax error if the syntax GOAL is surely no goal.  KNOWN are the identifiers of the
constraints."
  (define (usage-of id)
    (and (identifier? id)
         (find (lambda (other) (free-identifier=? id other)) known)
         (assq (syntax->datum id) %usages)))
  (define (is-no-goal)
    (syntax-violation #f "a constant is no goal (a goal is a list such as (== q 1))" goal))
  (syntax-case goal (quote quasiquote)
    ((quote . _) (is-no-goal))
    ((quasiquote . _) (is-no-goal))
    ((maker . arguments)
     (match (usage-of #'maker)
       ((name (_ . wanted))
        (unless (syntax-case #'arguments ()
                  ((argument ...) (= (length #'(argument ...)) (length wanted)))
                  (_ #f))
          (syntax-violation name
                            (format #f "it takes ~r argument~:p" (length wanted))
                            goal)))
       ((name _)
        (syntax-violation name "it is a goal without parentheses" goal))
       (#f #t)))
    (id
     (identifier? #'id)
     (match (usage-of #'id)
       ((name (? pair? usage))
        (syntax-violation name
                          (format #f "no goal alone (a goal is ~s; and a clause of conde has \
parentheses around its goals)" usage)
                          goal))
       (_ #t)))
    (_ (is-no-goal))))

(define (written goal)
  "How the syntax GOAL was written, as syntax to be quoted: a pair of the place or #f and of the
form."
  (datum->syntax #'here
                 (cons (source-location (or (syntax-source goal) '()))
                       (syntax->datum goal))))

;;; While a program runs.

(define (refuse-goals values written)
  "Raise a &question-error about the first of VALUES that is no procedure; WRITTEN is the list of how
they were."
  (for-each (lambda (value written)
              (match written
                ((place . form)
                 (cond
                  ((procedure? value) #t)
                  ((var? value)
                   (raise-question-error place "~s is no goal but a variable; are there parentheses \
missing, as around the goals of a clause of conde?"
                                         form))
                  (else
                   (raise-question-error place "~s is no goal: its value is ~s" form value))))))
            values written))

(define (require-goal name value)
  "Raise a &question-error unless VALUE, the argument of a call of NAME, can be a goal."
  (unless (procedure? value)
    (raise-question-error #f "~a: its argument is no goal but ~s" name value)))

(define (refuse-relation written)
  "Raise a &question-error: what was WRITTEN, a name, is a relation and no goal."
  (match written
    ((place . name)
     (raise-question-error place "~a is a relation, and no goal without parentheses and arguments"
                           name))))

(define (check-limit limit)
  "Raise a &question-error unless LIMIT is a natural number or #f."
  (unless (or (not limit) (and (exact-integer? limit) (>= limit 0)))
    (raise-question-error #f "run: the limit is ~s; it must be a whole number from 0 on, or #f for all \
answers"
                          limit)))
