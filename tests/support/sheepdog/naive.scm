;;; naive.scm -- questions answered by nested loops over rows in memory, to compare planners with
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Goals are lists.  A variable is a symbol that ends in a digit, bound once in a question: so a nested
;;; fresh, or the body of a relation, is part of the conjunction around it, and a conde is the answers of
;;; the conjunction with each clause in turn.  Calls find rows; all else waits until it is known what it
;;; is about.  The rules, with those of naive-values.scm:
;;; - Answers are counted: as many as there are ways to choose rows and clauses.
;;; - Values are equal as equal? has it.  In rows whole numbers are exact, others inexact, and NULL is now
;;;   or #f, which equal themselves.  A number written in a call is meant in that form; one that stands
;;;   elsewhere is as it is written.  What was computed or counted is compared with =, and what was
;;;   computed is the present time where that is to be now.
;;; - groupo has an answer for each combination of its keys, but for those where one of its aggregates has
;;;   none.
(define-module (sheepdog naive)
  #:use-module (ice-9 match)
  #:use-module (sheepdog naive-values)
  #:use-module (sheepdog question-traits)
  #:use-module (srfi srfi-1)
  #:export (naive-answers))

(define unknown (list 'unknown))
(define (value term env)
  (match term (('quote v) v) (('list . terms) (map (lambda (term) (value term env)) terms)) ((? question-variable? x) (match (assq x env) ((_ . v) v) (#f unknown))) (constant constant)))
(define (known-value term env)
  (let ((v (value term env))) (if (eq? v unknown) (throw 'never-known term) v)))
(define (set term v env)                ; the environment where TERM is V, #f: it is not
  (let ((known (value term env)))
    (cond ((eq? known unknown) (acons term v env))
          ((or (equal? known v) (and (real? known) (real? v) (not (question-variable? term)) (= known v))) env)
          (else #f))))
(define (set-result term v env)         ; the same for what was computed
  (let ((known (value term env)))
    (if (and (real? known) (real? v)) (and (= known v) env) (set term v env))))
(define (once env) (if env (list (list env)) '()))

(define (naive-answers shown goals rows relations present step)
  "The answers to GOALS, each the list of the values of the variables SHOWN.  ROWS, symbol -> list or #f,
are those of a relation of the store; RELATIONS are the user's, an alist: name -> (ARGUMENTS GOAL ...).
PRESENT is the time; STEP is called at each step, and may give up."
  (define (solve goals env)             ; -> environments; goals that need not wait are done first
    (define (try goal)
      (and=> (ways goal env)
             (lambda (ways) (append-map (match-lambda ((env . more) (solve (append more (delq goal goals)) env))) ways))))
    (define (finds? goal) (or (eq? 'conde (car goal)) (rows (car goal))))
    (step)
    (cond ((null? goals) (list env))
          ((any try (append (remove finds? goals) (filter finds? goals))))
          ((any (lambda (goal) (eq? 'any (said goal env))) goals) '())
          (else (throw 'never-known goals))))
  (define (said goal env)               ; what a computation says, see computed
    (match goal
      (((and name (or 'pluso 'timeso 'durationo 'withino)) . terms)
       (computed name (map (lambda (term) (value term env)) terms) unknown present))
      (_ #f)))
  (define (ways goal env)               ; -> pairs of environments and goals that are left; #f: it waits
    (define (known? terms) (not (memq unknown (map (lambda (term) (value term env)) terms))))
    (define (set-fold kind result x answers env)
      (match (if (eq? kind 'counto) (list (length answers)) (fold-values kind (map (lambda (env) (value x env)) answers) present))
        (() #f)
        ((v) (set-result result v env))))
    (match goal
      (('fresh _ . inner) (list (cons env inner)))
      (('conde . clauses) (map (lambda (clause) (cons env clause)) clauses))
      (('== a b) (cond ((known? (list a b)) (once (and (equal? (value a env) (value b env)) env)))
                       ((known? (list a)) (once (set b (value a env) env)))
                       (else (and (known? (list b)) (once (set a (value b env) env))))))
      (((and kind (or 'noto 'someo)) . inner)
       (and (known? (outer-variables inner)) (once (and (eq? (eq? kind 'noto) (null? (solve inner env))) env))))
      (((and kind (or 'counto 'sumo 'mino 'maxo 'avgo 'mediano)) result names . inner)
       (and (known? (lset-difference eq? (outer-variables inner) names))
            (once (set-fold kind result (and (pair? names) (car names)) (solve inner env) env))))
      (('groupo keys folds names . inner)
       (and (known? (lset-difference eq? (outer-variables inner) names (variables keys)))
            (let ((answers (solve inner env)) (keys-in (lambda (env) (map (lambda (key) (known-value key env)) keys))))
              (append-map
               (lambda (group)
                 (define members (filter (lambda (answer) (equal? group (keys-in answer))) answers))
                 (once (fold (match-lambda* (((kind result . x) env) (and env (set-fold kind result (and (pair? x) (car x)) members env))))
                             (fold (lambda (key v env) (and env (set-result key v env))) env keys group)
                             folds)))
               (delete-duplicates (map keys-in answers))))))
      (((and name (or 'pluso 'timeso 'durationo 'withino)) . terms)
       (match (said goal env)
         ((or #f 'any) #f)
         ('no '())
         ((n . v) (once (if (eq? 'now (value (list-ref terms n) env)) (and (= v present) env) (set-result (list-ref terms n) v env))))))
      (((= (lambda (name) (assq-ref relations name)) (arguments . body)) . terms)
       (list (cons env (renamed body (map cons arguments terms)))))
      (((= rows (? identity rows)) . terms)
       (append-map (lambda (row) (once (fold (lambda (term v env) (and env (set term v env))) env terms row))) rows))
      ((test . terms)
       (and (known? (variables terms)) (once (and (holds? test (map (lambda (term) (value term env)) terms) present) env))))))
  (define (renamed body known)          ; with new names for all variables but KNOWN
    (let ((new (map (lambda (x) (cons x (symbol-append x (gensym "-")))) (lset-difference eq? (variables body) (map car known)))))
      (let rename ((x body))
        (if (pair? x) (cons (rename (car x)) (rename (cdr x))) (match (assq x (append known new)) ((_ . y) y) (#f x))))))
  (map (lambda (env) (map (lambda (x) (known-value x env)) shown)) (solve goals '())))
