;;; define-relation-test.scm -- relations that users define.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog error)
             (sheepdog kanren extend)
             (sheepdog query)
             (sheepdog query user-relation)
             (sheepdog question-error)
             (sheepdog small-herd)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define-relation (smallo host)
  "HOST has less than 64 GiB of memory."
  (fresh (memory)
    (facto host 'host.memory memory)
    (<o memory (gibibytes 64))))

(define-relation (parento parent child)
  (conde ((== parent 'ann) (== child 'bob))
         ((== parent 'bob) (== child 'cid))
         ((== parent 'cid) (== child 'dan))))

(define-relation (ancestoro old young)
  "OLD is among the parents of YOUNG, their parents, and so on."
  (conde ((parento old young))
         ((fresh (between) (ancestoro between young) (parento old between)))))

;; Each speaks of the other one.
(define-relation (eveno n)
  (conde ((== n 'zero))
         ((fresh (less) (== n (list 'after less)) (oddo less)))))

(define-relation (oddo n)
  (fresh (less) (== n (list 'after less)) (eveno less)))

;; One alone, and one that leads back first.
(define-relation (nevero) (nevero))
(define-relation (alwayso) (conde ((alwayso)) (succeed)))

;; Patterns are no calls.
(define-relation (symbol-firsto l)
  (matche l ((,(? symbolo first) . ,(? pairo rest)))))

(define-relation (pairo x) (fresh (a d) (== x (cons a d))))

;; Numbers from FIRST on.
(define-relation (upo first n)
  (conde ((== n first))
         ((fresh (next) (pluso first 1 next) (upo next n)))))

(define-relation (childlesso person)
  (noto (fresh (child) (parento person child))))

(define-relation (misspelto x) (parnto x x))

(define (in-module . forms)
  "What the last of FORMS is, each of which is evaluated in a module of its own kind."
  (let ((module (make-fresh-user-module)))
    (module-use! module (resolve-interface '(sheepdog query)))
    (fold (lambda (form result) (eval form module)) #f forms)))

(test-suite "define-relation"
  (test-equal "used" '(bob) (run* (x) (parento 'ann x)))
  (test-equal "in a larger relation, which recurs" '(ann bob cid)
    (sort (run 3 (x) (ancestoro x 'dan)) (lambda (a b) (string<? (symbol->string a) (symbol->string b)))))
  (test-equal "two that speak of each other" '((after (after zero)))
    (run* (n) (== n '(after (after zero))) (eveno n)))
  (test-equal "in the other direction" '(zero (after (after zero)))
    (run 2 (n) (eveno n)))
  (test-equal "one that never ends leaves others their turn" '(1)
    (run 1 (x) (conde ((nevero)) ((== x 1)))))
  (test-equal "one that first leads back" 3 (length (run 3 (x) (alwayso))))
  ;; In quadratic time this would not end.
  (test-equal "deep, with what is computed on the way" '(50000)
    (take-right (run 50000 (n) (upo 1 n)) 1))
  (test-equal "an argument is from around a negation" '(dan)
    (run* (x) (conde ((== x 'ann)) ((== x 'dan))) (childlesso x)))
  (test-equal "patterns in it" '((a 1))
    (run* (l) (conde ((== l '(a 1))) ((== l '(1 a))) ((== l '(a)))) (symbol-firsto l)))
  (test-equal "as a value" '((1 2))
    (run* (x y) (let ((same ==)) (same x 1)) (apply (lambda (goal) (goal 'bob 'cid)) (list parento))
          (== y 2)))
  (test-equal "in a body" '((1) (2))
    (let ()
      (define-relation (first x l) (fresh (rest) (== l (cons x rest)) (anything rest)))
      (define-relation (anything x) (== x x))
      (list (run* (x) (first x '(1 2))) (run* (x) (first x '(2))))))
  (test-equal "one that is defined later, form by form" '(2)
    (in-module '(define-relation (a x) (b x))
               '(define-relation (b x) (c x))
               '(define (c x) (== x 2))
               '(run* (x) (a x))))
  (test-equal "a new definition" '(2)
    (in-module '(define-relation (a x) (== x 1))
               '(define-relation (a x) (== x 2))
               '(run* (x) (a x))))

  (test-group "what is known of it"
    (let ((found (find (lambda (r) (eq? 'smallo (user-relation-name r))) (user-relations))))
      (test-equal "listed" '((host) "HOST has less than 64 GiB of memory.")
        (list (user-relation-arguments found) (user-relation-doc found))))
    (test-equal "once" 1
      (begin
        (in-module '(define-relation (twice x) (== x 1)) '(define-relation (twice x) (== x 2)))
        (count (lambda (r) (eq? 'twice (user-relation-name r))) (user-relations))))
    (test-equal "its docstring is that of the procedure"
      "(ancestoro old young): OLD is among the parents of YOUNG, their parents, and so on."
      (procedure-documentation ancestoro))
    (test-equal "a planner sees the call, and may open it" '((smallo) (facto <o))
      (let ((seen '()))
        (define (names goals)
          (map (lambda (goal)
                 (match (goal-description goal)
                   (((? user-relation? relation) . _) (user-relation-name relation))
                   (((? (@ (sheepdog query relation) relation?) relation) . _)
                    ((@ (sheepdog query relation) relation-name) relation))
                   ((operation . _)
                    ((@ (sheepdog query operation) operation-name) operation))))
               goals))
        (parameterize ((current-planner
                        (lambda (state goals outermost?)
                          (set! seen (list (names goals)))
                          (call-with-values (lambda () (open-goal state (car goals)))
                            (lambda (new inner)
                              (call-with-values (lambda () (open-goal new (car inner)))
                                (lambda (new more)
                                  (set! seen (append seen (list (names (if new more inner)))))))))
                          (list fail))))
          (run* (host) (smallo host)))
        seen)))

  (test-group "wrong use"
    (test-equal "a wrong number of arguments"
      "parento takes 2 arguments, (parento parent child); it was given 1"
      (complaint (run* (x) (parento x))))
    (test-assert "is said with the place"
      (with-exception-handler
          (lambda (e) (string-contains (question-error-place e) "define-relation-test.scm:"))
        (lambda () (run* (x) (parento x)))
        #:unwind? #t))
    (test-equal "no parentheses"
      "parento stands alone where a goal belongs; a goal is (parento parent child), and a clause of \
conde has parentheses around its goals"
      (complaint (run* (x) (conde (parento (== x 1))))))
    (test-raises "a slip"
      (lambda (e) (eq? 'unbound-variable (exception-kind e)))
      (run* (x) (misspelto x)))
    (test-raises "no goals"
      (lambda (e) (eq? 'syntax-error (exception-kind e)))
      (in-module '(define-relation (a x) "Nothing.")))
    (test-raises "an argument that is no name"
      (lambda (e) (eq? 'syntax-error (exception-kind e)))
      (in-module '(define-relation (a "x") (== 1 1)))))

  (call-with-small-herd
   (lambda (path)
     (open-herd path)
     (test-equal "over the store" '("tux01" "ærø") (sort (run* (host) (smallo host)) string<?))
     (test-equal "and beside it" '("ærø")
       (run* (host) (smallo host) (noto (facto host 'packaged.by "hand"))))
     (close-herd))))
