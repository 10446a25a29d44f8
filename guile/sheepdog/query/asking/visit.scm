;;; visit.scm -- the forms of a question, each with what the text around it says.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking visit)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query asking shape)
  #:use-module (sheepdog query form)
  #:use-module (srfi srfi-1)
  #:export (visit own-parameters learn-all))

(define (visit forms)
  "Look at each form in FORMS, as `read' returned them, but for quoted ones.  Return lists of a form, its
place or #f, its scope, an alist of names in which each pair is one variable, and its path, in the order of
the text.  A path is a list of what the form stands in and need not hold, as a clause of a choice, innermost
first."
  (define visited '())
  (let walk ((form forms) (scope '()) (place #f) (path '()))
    (match form
      (((or 'quote 'quasiquote) . _) #t)
      ((? pair?)
       (let ((scope (append (map list (bound-by form)) scope))
             (place (or (place-of form) place))
             (path (if (may-not-hold? form) (cons form path) path)))
         (set! visited (cons (list form place scope path) visited))
         (let walk-all ((rest form))
           (when (pair? rest)
             (walk (car rest) scope place (if (choice? form) (cons (car rest) path) path))
             (walk-all (cdr rest))))))
      (_ #t)))
  (reverse visited))

(define (choice? form)
  (and (memq (car form) '(conde conda condu matche cond case if or)) #t))

(define (may-not-hold? form)
  "True where what is said in FORM need not hold around it."
  (and (memq (car form) '(noto someo counto sumo mino maxo avgo mediano groupo run run*
                          lambda define if cond case when unless or))
       #t))

(define (bound-by form)
  (match form
    ;; It looks at those that there are.
    (('project . _) '())
    (_ (names-bound form))))

(define (own-parameters visited)
  "The relations that VISITED defines: an alist of their names and lists of variables, as scopes have them."
  (filter-map (match-lambda
                ((((or 'define-relation 'defrel) ((? symbol? name) (? symbol? names) ...) . _) _ scope _)
                 (cons name (map (lambda (name) (assq name scope)) names)))
                (_ #f))
              visited))

(define (learn-all visited . learners)
  "Call LEARNERS with the form, scope and path of all that was VISITED, until they return #f for all: there is
nothing new.  Each has its turn where those before it tell nothing new."
  (define (news? learn!)
    (fold (lambda (one news?)
            (match one ((form _ scope path) (or (learn! form scope path) news?))))
          #f visited))
  (let again ()
    (when (any news? learners)
      (again))))
