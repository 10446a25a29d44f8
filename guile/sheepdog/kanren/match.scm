;;; match.scm -- goals by pattern: matche and its family
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; A pattern is a term as under quasiquote.  In it
;;
;;   ,x          is a new variable, the same one everywhere in the clause
;;   ,_ or ,??   is a new variable without a name
;;   ,(? p x)    is the new variable x, for which the goal (p x) holds
;;
;; A pattern that is just the name of what is matched, under an unquote, matches
;; everything and makes no variable.

(define-module (sheepdog kanren match)
  #:use-module (sheepdog kanren goal)
  #:use-module (srfi srfi-1)
  #:export (matche lambdae defmatche))

(define-syntax matche
  (lambda (x)
    "(matche TERM (PATTERN GOAL ...) ...): the goal that TERM has the form of some
PATTERN and that all GOALs beside it hold.
(matche (TERM ...) ((PATTERN ...) GOAL ...) ...): the same for several terms."

    (define (wildcard? id)
      (and (identifier? id)
           (or (free-identifier=? id #'_)
               (eq? (syntax->datum id) '??))))

    (define (add-name name names)
      (if (any (lambda (other) (bound-identifier=? name other)) names)
          names
          (cons name names)))

    (define (same? a b)
      (and (identifier? a) (identifier? b) (free-identifier=? a b)))

    ;; Each of these calls NEXT with an expression for the term that the pattern
    ;; stands for, and with the NAMES and GUARDS seen so far.
    (define (parse pattern term names guards next)
      (syntax-case pattern (unquote ?)
        ((unquote id)
         (wildcard? #'id)
         (with-syntax (((new) (generate-temporaries '(any))))
           (next #'new (cons #'new names) guards)))
        ((unquote (? test id))
         (identifier? #'id)
         (parse #'(unquote id) term names (cons #'(test id) guards) next))
        ((unquote id)
         (identifier? #'id)
         (begin
           (when (same? #'id term)
             (syntax-violation 'matche "a part is named as the whole" x #'id))
           (next #'id (add-name #'id names) guards)))
        ((unquote other)
         (syntax-violation 'matche "not a pattern" x pattern))
        ((a . d)
         (parse #'a term names guards
                (lambda (a names guards)
                  (parse #'d term names guards
                         (lambda (d names guards)
                           (next #`(cons #,a #,d) names guards))))))
        (constant (next #''constant names guards))))

    (define (parse-whole pattern term names guards next)
      (syntax-case pattern (unquote ?)
        ((unquote id)
         (same? #'id term)
         (next term names guards))
        ((unquote (? test id))
         (same? #'id term)
         (next term names (cons #'(test id) guards)))
        (_ (parse pattern term names guards next))))

    (define (parse-all patterns terms next)
      (let loop ((patterns patterns) (terms terms)
                 (names '()) (guards '()) (values '()))
        (cond
         ((and (null? patterns) (null? terms))
          (next names (reverse guards) (reverse values)))
         ((or (null? patterns) (null? terms))
          (syntax-violation 'matche "as many patterns as terms are needed" x))
         (else
          (parse-whole (car patterns) (car terms) names guards
                       (lambda (value names guards)
                         (loop (cdr patterns) (cdr terms) names guards
                               (cons value values))))))))

    (define (clause patterns goals terms values)
      (parse-all patterns terms
                 (lambda (names guards wanted)
                   (with-syntax (((name ...)   names)
                                 ((guard ...)  guards)
                                 ((wanted ...) wanted)
                                 ((value ...)  values)
                                 ((goal ...)   goals))
                     #'((fresh (name ...)
                          guard ... (== wanted value) ... goal ...))))))

    (syntax-case x ()
      ((_ (term ...) ((pattern ...) goal ...) ...)
       (with-syntax (((value ...) (generate-temporaries #'(term ...))))
         (with-syntax (((clause ...)
                        (map (lambda (patterns goals)
                               (clause patterns goals #'(term ...)
                                       #'(value ...)))
                             #'((pattern ...) ...)
                             #'((goal ...) ...))))
           #'(let ((value term) ...)
               (conde clause ...)))))
      ((_ term (pattern goal ...) ...)
       #'(matche (term) ((pattern) goal ...) ...)))))

(define-syntax-rule (lambdae (name ...) clause ...)
  "(lambdae (NAME ...) CLAUSE ...): a relation of the NAMEs, by matche CLAUSEs."
  (lambda (name ...) (matche (name ...) clause ...)))

(define-syntax-rule (defmatche (relation name ...) clause ...)
  "(defmatche (RELATION NAME ...) CLAUSE ...): define RELATION by matche CLAUSEs."
  (defrel (relation name ...) (matche (name ...) clause ...)))
