;;; outer.scm -- what a form around goals uses of the variables around it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A negation or an aggregate is about variables of its conjunction, which must be known before it can
;;; be told what it means.  Which these are is seen in its text: each name in it that stands for a
;;; variable of the program.  That is exact for goals that cannot be looked into, too, and the name is
;;; what a message can say.  What a goal uses without naming it, as in a procedure of the program's, is
;;; seen when an answer has bound it.
(define-module (sheepdog query outer)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog kanren term)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:use-module (system syntax)
  #:export (outer-terms unknown-names unknown-variables bound-outside? complain-unknown-name))

(define-syntax outer-terms
  (lambda (form)
    "(outer-terms (LOCAL ...) GOAL ...): an alist of the names that stand in the GOALs for variables
around them, other than the LOCALs, to the terms that these are."

    (define (lexical? id)
      (call-with-values (lambda () (syntax-local-binding id))
        (lambda (type value) (eq? type 'lexical))))

    (define (member? id ids)
      (any (lambda (other) (bound-identifier=? id other)) ids))

    (define (names x)
      ;; The identifiers in X, a list of what is bound, as (a b) or ((a 1) (b 2)).
      (syntax-case x ()
        (id (identifier? #'id) (list #'id))
        (((name . _) . rest) (append (names #'name) (names #'rest)))
        ((name . rest) (append (names #'name) (names #'rest)))
        (_ '())))

    (define (values-of bindings)
      (syntax-case bindings () (((name value ...) ...) #'(value ... ...)) (_ '())))

    (define (names-in-pattern x)
      (syntax-case x (unquote ?)
        ((unquote (? test id)) (names #'id))
        ((unquote id) (names #'id))
        ((a . d) (append (names-in-pattern #'a) (names-in-pattern #'d)))
        (_ '())))

    (define (head-is? head . symbols)
      (and (identifier? head) (memq (syntax->datum head) symbols)))

    (define (look-all parts bound found)
      (fold (lambda (part found) (look part bound found)) found parts))

    (define (look x bound found)
      (syntax-case x ()
        (id
         (identifier? #'id)
         (if (or (member? #'id bound) (member? #'id found) (not (lexical? #'id)))
             found
             (cons #'id found)))
        ((head . _)
         (head-is? #'head 'quote)
         found)
        ((head template)
         (head-is? #'head 'quasiquote)
         (look-quasi #'template bound found))
        ((head loop bindings body ...)
         (and (head-is? #'head 'let) (identifier? #'loop))
         (look #'(let bindings body ...) (cons #'loop bound) found))
        ((head bindings body ...)
         (head-is? #'head 'let 'let* 'letrec 'letrec*)
         (look-all #'(body ...) (append (names #'bindings) bound)
                   (look-all (values-of #'bindings) bound found)))
        ((head (term ...) ((pattern ...) goal ...) ...)
         (head-is? #'head 'matche)
         (fold (lambda (patterns goals found)
                 (look-all goals (append (names-in-pattern patterns) bound) found))
               (look-all #'(term ...) bound found)
               #'((pattern ...) ...) #'((goal ...) ...)))
        ((head term (pattern goal ...) ...)
         (head-is? #'head 'matche)
         (look #'(matche (term) ((pattern) goal ...) ...) bound found))
        ((head locals goal ...)
         (head-is? #'head 'fresh 'run* 'lambda)
         (look-all #'(goal ...) (append (names #'locals) bound) found))
        ((head a locals goal ...)
         (head-is? #'head 'run 'counto 'sumo 'mino 'maxo 'avgo 'mediano)
         (look-all #'(goal ...) (append (names #'locals) bound) (look #'a bound found)))
        ((head keys aggregates locals goal ...)
         (head-is? #'head 'groupo)
         (look-all #'(aggregates goal ...) (append (names #'locals) bound)
                   (look #'keys bound found)))
        ((head . rest)
         (look #'rest bound (look #'head bound found)))
        (_ found)))

    (define (look-quasi x bound found)
      (syntax-case x ()
        ((head part)
         (head-is? #'head 'unquote 'unquote-splicing)
         (look #'part bound found))
        ((a . d) (look-quasi #'d bound (look-quasi #'a bound found)))
        (_ found)))

    (syntax-case form ()
      ((_ (local ...) goal ...)
       (with-syntax (((name ...) (reverse (look-all #'(goal ...) #'(local ...) '()))))
         #'(only-terms (list (cons 'name name) ...)))))))

(define (only-terms alist)
  ;; What has no variable in it is known.
  (filter (lambda (entry) (or (var? (cdr entry)) (pair? (cdr entry)))) alist))

(define (unknown-variables term state)
  "The variables that are free in TERM in STATE, a list."
  (let look ((term (walk* term state)) (found '()))
    (cond ((var? term) (if (memq term found) found (cons term found)))
          ((pair? term) (look (cdr term) (look (car term) found)))
          (else found))))

(define* (unknown-names outer state #:optional (but '()))
  "The names in OUTER, an alist as outer-terms makes, whose terms are not known in STATE; the variables
in the list BUT need not be."
  (filter-map (lambda (entry)
                (and (pair? (lset-difference eq? (unknown-variables (cdr entry) state) but))
                     (car entry)))
              outer))

(define* (bound-outside? start answer #:optional (but '()))
  "True where ANSWER, a state that a search began with START has found, says something of a variable
that is older than START, which is a branch of its own; the variables in BUT are not looked at."
  (trie-fold-new (lambda (variable found?)
                   (or found?
                       (and (not (local? variable (state-scope start)))
                            (not (memq variable but))
                            (narrowed? variable answer start))))
                 #f (state-bindings answer) (state-bindings start)))

(define (complain-unknown-name written name unknown)
  "Raise the &question-error that NAME, the form WRITTEN so, uses variables with the names UNKNOWN, a
list, that are not known; empty: one that it does not name."
  (if (pair? unknown)
      (raise-about written
                   "~a: ~a is not known, and nothing beside it says which ~a is meant; add a relation \
that does, as (hosto host) does for a host, or write (fresh (~a) ...) inside the ~a if any will do"
                   name (car unknown) (car unknown) (car unknown) name)
      (raise-about written
                   "~a: its goals use a variable from around them, though not by its name, that is not \
known; add a relation that says what it is, or name it where it is used"
                   name)))
