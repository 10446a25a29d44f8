;;; goal-text.scm -- goals in the text of a question: which lists are calls of what makes one, and where.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking goal-text)
  #:use-module (ice-9 match)
  #:use-module (sheepdog located)
  #:use-module (sheepdog query form)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query relation)
  #:use-module (srfi srfi-1)
  #:export (place-of constraints call-of makes-goals? goal-call? quoted?
            current-relations defined-relations))

(define (place-of form)
  "Where FORM, as `read' returned it, begins: \"file:line:column\"; #f where that is not known."
  (and (pair? form) (source-location (source-properties form))))

(define constraints
  ;; How each is written.
  '((== a b) (=/= a b) (symbolo term) (numbero term) (stringo term) (absento part term)))

(define current-relations
  ;; Calls of the relations that a question may use and that are no part of the language, lists of symbols.
  (make-parameter '()))

(define (defined-relations forms)
  "Calls of the relations that FORMS define, lists of symbols."
  (filter-map (match-lambda
                (((or 'defrel 'define-relation) (and call ((? symbol?) (? symbol?) ...)) . _) call)
                (_ #f))
              forms))

(define (call-of name)
  "How a goal of NAME, a symbol, is written; #f where NAME makes none that is known."
  (cond ((store-relation name)
         => (lambda (relation) (cons name (map column-name (relation-columns relation)))))
        ((find (lambda (operation) (eq? name (operation-name operation)))
               (append (operations 'comparison) (operations 'computation)))
         => (lambda (operation) (cons name (operation-arguments operation))))
        ((goal-form? name) (form-usage name))
        ((assq name constraints))
        (else (assq name (current-relations)))))

(define (makes-goals? name)
  "True where NAME is a symbol that makes a goal, as far as that is known."
  (and (symbol? name) (call-of name) #t))

(define (goal-call? form)
  "True where FORM is surely a goal."
  (match form (((? makes-goals?) . _) #t) (_ #f)))

(define (quoted? form)
  "True where FORM is data."
  (match form (((or 'quote 'quasiquote) . _) #t) (_ #f)))
