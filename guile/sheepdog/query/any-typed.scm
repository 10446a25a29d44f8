;;; any-typed.scm -- which variables may be a number or a string as it comes.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A fact has a value of any type.  So where a comparison is about one, a value of another type than it
;;; compares is no mistake: it is in no order.  That is known of the variable, in all of the run: the
;;; comparison may stand anywhere, as in a choice or a negation, and be made much later.
(define-module (sheepdog query any-typed)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module ((sheepdog kanren goal) #:select (set-projection-watch!))
  #:use-module (sheepdog kanren term)
  #:use-module (sheepdog query projected)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query user-relation)
  #:use-module (srfi srfi-1)
  #:export (note-any-typed! any-typed? any-typed-in))

(define (noted)
  ;; Variables of this run.
  (once-a-run noted make-weak-key-hash-table))

(define (note-any-typed! term state)
  "Note that TERM, which may be known in STATE, may be a number or a string."
  (when (var? term)
    (hashq-set! (noted) term #t)
    (note-any-typed! (next-term term state) state)))

(define (any-typed? term state)
  "True where it was noted of TERM, or of what it stands for in STATE, that it may be a number or a string."
  (if (var? term)
      (or (hashq-ref (noted) term #f)
          (any-typed? (next-term term state) state))
      (projected? term)))

(set-projection-watch!
 (lambda (term value state)
   (when (and (var? term) (any-typed? term state))
     (note-projected! value))))

(define (next-term variable state)
  "What VARIABLE was made equal to in STATE, perhaps another variable; #f where it is free."
  (define (known value) (and (not (none? value)) (not (attr? value)) value))
  (or (known (var-value variable))
      (known (trie-ref (state-bindings state) variable))))

(define (any-typed-in state goals depth)
  "The terms that may be a number or a string, as relations say among GOALS in STATE and what they combine,
to DEPTH."
  (append-map
   (lambda (goal)
     (cond ((and (described-goal? goal) (not (user-relation-goal? goal))) (any-typed-terms goal))
           ((zero? depth) '())
           (else
            (call-with-values (lambda () (open-goal state goal))
              (lambda (opened inner)
                (cond ((not opened) '())
                      ((eq? 'clauses opened)
                       (append-map (match-lambda
                                     ((state . goals) (any-typed-in state goals (- depth 1))))
                                   inner))
                      (else (any-typed-in opened inner (- depth 1)))))))))
   goals))
