;;; shape.scm -- what can be seen to be wrong in a question before it is asked.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; What is looked at is the text, as lists with the places where they were read.  Only what cannot be
;;; meant is a mistake; all else is left to evaluation.
(define-module (sheepdog query asking shape)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking goal-text)
  #:use-module (sheepdog query asking slip)
  #:use-module (sheepdog query form)
  #:use-module (sheepdog query goal-form)
  #:use-module (sheepdog query relation)
  #:use-module (srfi srfi-1)
  #:export (check-shape question-form? place-of-free place-of-equal)
  #:re-export (place-of))

;;; Mistakes.

(define* (check-shape forms #:optional (relations '()))
  "Look through FORMS, a question and what is defined for it, as `read' returned them, beside RELATIONS, calls
of those that were defined before.  Errors: &question-error with the place of the first mistake."
  (parameterize ((current-relations (append (defined-relations forms) relations)))
    (check-forms forms)))

(define (check-forms forms)
  (match (find-tail (lambda (form) (memq form '(run run*))) forms)
    ((and (name _ . _) question)
     (raise-question-error #f "the parentheses around ~a are missing; write ~s" name question))
    (_ #t))
  (let ((question (last forms)))
    (match question
      (('quote (and inner ((or 'run 'run*) . _)))
       (raise-question-error (place-of question) "an apostrophe before the question makes data of it; write ~a"
                             (form->text inner)))
      (_ #t))
    (when (goal-call? question)
      (raise-question-error (place-of question) "~s is no question; ask for the values of \
variables, as (run* (host) (hosto host))" question)))
  (match (find question-form? (drop-right forms 1))
    (#f #t)
    (question
     (raise-question-error (place-of question) "this question would have no answers, since there is more below \
it: a file or a text asks one question, its last form")))
  (for-each check-definition forms)
  (parameterize ((open-arguments (find-open-arguments forms)))
    (for-each (lambda (form) (check form (place-of form) '())) forms)))

(define (question-form? form)
  "True where FORM is a run."
  (match form (((or 'run 'run*) . _) #t) (_ #f)))

(define (check-definition form)
  (match form
    (((or 'defrel 'define-relation 'define) ((and name (? symbol?) (? store-relation)) . _) . _)
     (raise-question-error (place-of form) "~a is a relation of the store, which a definition of that name would \
hide; give yours a name of its own" name))
    (_ #t)))

(define (check form place around)
  ;; PLACE is that of the form around, for atoms have none; AROUND are the variables that have no value yet.
  (when (and (pair? form) (not (quoted? form)))
    (let ((place (or (place-of form) place))
          (scope (scope-in form around)))
      (check-run form place)
      (check-inner-run form place around)
      (call-with-values (lambda () (split-form form))
        (lambda (variables goals)
          (match form
            (((or 'conde 'conda 'condu) . (? list? clauses))
             (for-each (lambda (clause) (check-clause (car form) clause place)) clauses))
            (_ #t))
          (when goals (for-each (lambda (goal) (check-goal goal place scope)) goals))))
      (let walk ((rest form))
        (when (pair? rest)
          (check (car rest) place scope)
          (walk (cdr rest)))))))

(define (check-clause name clause place)
  (match clause
    ((? (negate pair?))
     (raise-question-error place "~s is no clause of ~a; a clause is a list of goals, such as ~a"
                           clause name "((hosto host))"))
    (((? makes-goals?) . _)
     (raise-question-error (or (place-of clause) place)
                           "~s is a goal, where a clause of ~a belongs; write (~s), since a clause has \
parentheses around its goals"
                           clause name clause))
    (_ #t)))

(define open-arguments
  ;; Of relations that a question defines: pairs of a name and of an argument for which some call has a variable.
  (make-parameter '()))

(define (find-open-arguments forms)
  "What open-arguments has of FORMS."
  (define definitions (defined-relations forms))
  (define (look form scope found)
    (if (and (pair? form) (not (quoted? form)))
        (let ((scope (scope-in form scope)))
          (let walk ((rest form)
                     (found (match (and (symbol? (car form)) (assq (car form) definitions))
                              ((name . (? (lambda (arguments)
                                            (and (list? form) (= (length arguments) (length (cdr form)))))
                                          arguments))
                               (append (filter-map (lambda (argument term)
                                                     (and (memq term scope) (cons name argument)))
                                                   arguments (cdr form))
                                       found))
                              (_ found))))
            (if (pair? rest)
                (walk (cdr rest) (look (car rest) scope found))
                found)))
        found))
  (let again ((open '()))
    (let ((found (delete-duplicates
                  (parameterize ((open-arguments open)) (look forms '() '())))))
      (if (= (length found) (length open)) found (again found)))))

(define (check-inner-run form place scope)
  "Raise a &question-error where FORM, in SCOPE, is a run that uses a variable of the search around it."
  (match form
    (((and name (or 'run 'run*)) . _)
     (let ((outer (find (lambda (variable) (place-of-free (list form) variable)) scope)))
       (when outer
         (let ((own (call-with-values (lambda () (split-form form)) (lambda (variables goals) (or variables '())))))
           (raise-question-error
            place "~a inside of a question is one of its own, which does not know ~a from around it; write its goals \
in (fresh ~a ...) for what they find, in ~a for how many answers they have, in (noto ...) for none; groupo makes groups"
            name outer own `(counto n ,own ...))))))
    (_ #t)))

(define (scope-in form scope)
  "SCOPE and the variables of a search that FORM binds, without those that it gives values."
  (define left (remove (lambda (name) (binds? form name)) scope))
  (match form
    (('project . _) left)
    (((or 'defrel 'define-relation) (name . _) . _)
     (append (filter-map (match-lambda ((other . argument) (and (eq? other name) argument)))
                         (open-arguments))
             left))
    (_ (call-with-values (lambda () (split-form form))
         (lambda (variables goals) (append (or variables '()) left))))))

(define (check-goal goal place scope)
  (define here (or (place-of goal) place))
  (check-goal-slip goal here scope)
  (match goal
    ((? symbol? name)
     (let ((call (call-of name)))
       (when call
         (raise-question-error here "~a alone is no goal; a goal is ~s" name call))))
    (((or (? number?) (? string?)) . _)
     (raise-question-error here "~s is no goal: it begins with ~s, which is nothing that can be asked"
                           goal (car goal)))
    ((((? makes-goals?) . _) . _)
     (raise-question-error here "~s has parentheses around ~s too many, or belongs in a conde"
                           goal (car goal)))
    (((? (lambda (name) (memq name scope)) name) . rest)
     (raise-question-error here "~s begins with ~a, which is a variable; a goal begins with a relation or a comparison, as ~a" goal name
                           (match rest
                             (((and operator (or '< '<= '> '>=)) other)
                              (form->text (list (symbol-append operator 'o) name other)))
                             (((or '= '==) other) (form->text (list '== name other)))
                             (((or '!= '<> '/= '=/=) other) (form->text (list '=/= name other)))
                             (_ (format #f "(== ~a 1)" name)))))
    (((? symbol? name) . arguments)
     (let ((call (assq name constraints)))
       (when (and call (list? arguments) (not (= (length arguments) (length (cdr call)))))
         (raise-question-error here "~a takes ~a argument~:p, ~s; it was given ~a" name
                               (length (cdr call)) call (length arguments)))))
    ((? pair?) #t)
    (other
     (raise-question-error here "~s is no goal; a goal is a list such as (hosto host)" other))))

(define (place-of-equal forms other)
  "The place of the first list in FORMS that equals OTHER; #f where there is none."
  (let search ((form forms))
    (and (pair? form)
         (or (and (equal? form other) (place-of form))
             (let try ((rest form))
               (and (pair? rest) (or (search (car rest)) (try (cdr rest)))))))))

;;; Names that stand for nothing.

(define (binds? form name)
  (and (memq name (names-bound form)) #t))

(define (place-of-free forms name)
  "Where in FORMS the symbol NAME stands as a variable that nothing around it binds: the place of the
innermost list that it is in; #f where it is nowhere."
  (define (search form place)
    (cond
     ((eq? form name) place)
     ((and (pair? form) (not (quoted? form)) (not (binds? form name)))
      (let ((here (or (place-of form) place)))
        (let try ((rest form))
          (and (pair? rest) (or (search (car rest) here) (try (cdr rest)))))))
     (else #f)))
  (any (lambda (form) (search form (place-of form))) forms))
