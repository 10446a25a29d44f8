;;; kanren-extend-test.scm -- goals from rows, what ends with a run, and planning
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 control)
             (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-64)
             (sheepdog kanren)
             (sheepdog kanren extend)
             ((sheepdog kanren stream) #:select (stream-next))
             (sheepdog test))

;;; Cursors that tell what happened to them.

(define opened 0)
(define closed 0)
(define fetched 0)

(define (reset!)
  (set! opened 0)
  (set! closed 0)
  (set! fetched 0))

(define* (cursor rows #:optional (most 2))
  "Return the procedure to open a cursor over ROWS, a list of lists, which gives MOST at a time."
  (lambda (state)
    (set! opened (+ opened 1))
    (let ((rows (map list->vector rows)))
      (values (lambda (n)
                (let ((batch (take rows (min n most (length rows)))))
                  (set! fetched (+ fetched (length batch)))
                  (set! rows (drop rows (length batch)))
                  (cons (pair? rows) batch)))
              (lambda () (set! closed (+ closed 1)))))))

(define (numbered count)
  "Return the procedure to open a cursor over the rows (0) to (COUNT - 1), which says that there may
be more after the last."
  (lambda (state)
    (set! opened (+ opened 1))
    (let ((next 0))
      (values (lambda (n)
                (let ((batch (map vector (iota (min n (- count next)) next))))
                  (set! next (+ next (length batch)))
                  (set! fetched (+ fetched (length batch)))
                  (cons (pair? batch) batch)))
              (lambda () (set! closed (+ closed 1)))))))

(define people '((ann 30) (bob 40) (cid 30)))

(define (persono name age)
  (make-described-goal `(person ,name ,age)
                       (goal-from-rows (cursor people) (list name age))))

(define-syntax-rule (with-planner plan body ...)
  (parameterize ((current-planner plan)) body ...))

(define (descriptions goals)
  (map (lambda (goal) (and (described-goal? goal) (goal-description goal)))
       goals))

(define-syntax-rule (seen body)
  ;; The descriptions of each conjunction that a planner is shown, with what is
  ;; known by then put in, and variables as ?.
  (let ((all '()))
    (define (show term state)
      (let loop ((term (walk* term state)))
        (cond
         ((pair? term) (cons (loop (car term)) (loop (cdr term))))
         ((var? term) '?)
         (else term))))
    (with-planner (lambda (state goals asked)
                    (set! all (cons (show (descriptions goals) state) all))
                    goals)
      body)
    (reverse all)))

(test-suite "kanren-extend"

  (test-group "rows"
    (test-equal "all" '((ann 30) (bob 40) (cid 30))
      (run* (name age) (persono name age)))
    (test-equal "those that match" '(ann cid)
      (run* (name) (persono name 30)))
    (test-equal "a join" '((ann cid) (cid ann))
      (run* (a b)
        (fresh (age) (persono a age) (=/= a b) (persono b age))))
    (test-equal "a variable made before the rows" '((ann (ann)) (bob (bob)) (cid (cid)))
      (run* (q l) (fresh (x age) (persono x age) (== q x) (== l (list x)))))
    (reset!)
    (test-equal "rows are read when needed" '((0) (1))
      (run 2 (q) (fresh (n) (goal-from-rows (numbered 1000) (list n))
                        (== q (list n)))))
    (test-assert "few at first" (<= fetched 64))
    (test-equal "all of many" (iota 5000)
      (run* (n) (goal-from-rows (numbered 5000) (list n))))
    (test-equal "none" '() (run* (n) (goal-from-rows (numbered 0) (list n))))
    (test-equal "one variable twice" '(7)
      (run* (n) (goal-from-rows (cursor '((5 6) (7 7))) (list n n))))
    (test-equal "values, variables that stand for each other, parts of terms" '((3 (3 . 4)))
      (run* (a pair)
        (fresh (b c)
          (== a c)
          (== pair (cons a b))
          (goal-from-rows (cursor '((1 2 5) (3 4 6))) (list c b 6)))))
    (test-equal "constraints of variables" '((1 y) (2 x))
      (run* (n s)
        (=/= n 0) (symbolo s)
        (conde ((=/= s 'x)) ((=/= n 1)))
        (goal-from-rows (cursor '((0 x) (1 y) (2 "z") (2 x) (1 x))) (list n s))))
    (test-equal "what one row binds is not seen by the next" '((1 1 a) (2 2 a) (1 1 b) (2 2 b))
      (run* (n m s)
        (goal-from-rows (cursor '((1) (2))) (list n))
        (goal-from-rows (cursor '((a) (b))) (list s))
        (== n m)))
    (test-equal "many variables, of which rows bind some" (list (append (iota 20) '(x y z)))
      (car (run* (q)
             (fresh (a b c)
               (let more ((i 0) (variables '()))
                 (if (< i 20)
                     (fresh (v) (more (+ i 1) (cons v variables)))
                     (fresh ()
                       (== q (list (append (reverse variables) (list a b c))))
                       (goal-from-rows (cursor '((x y z))) (list a b c))
                       (goal-from-rows (cursor (list (iota 20))) (reverse variables)))))))))
    (test-equal "rows that do not match let others have a turn" '(other 99999)
      (run* (q)
        (conde
          ((goal-from-rows (numbered 100000) (list q)) (== q 99999))
          ((== q 'other))))))

  (test-group "the end of a run"
    (let ((check (lambda (name thunk)
                   (reset!)
                   (thunk)
                   (test-equal name (list #t opened)
                     (list (positive? opened) closed)))))
      (check "all answers" (lambda () (run* (n a) (persono n a))))
      (check "some answers" (lambda () (run 1 (n a) (persono n a))))
      (check "cursors in cursors"
             (lambda () (run 4 (n m) (fresh (a b) (persono n a) (persono m b)))))
      (check "an error"
             (lambda ()
               (false-if-exception
                (run* (n) (fresh (a) (persono n a) (project (a) (car a)))))))
      (check "an escape"
             (lambda ()
               (let/ec return
                 (run-for-each return #f (n) (fresh (a) (persono n a)))))))
    (reset!)
    (test-equal "a cursor at its end is closed at once" '((late 1) (bob 0))
      (let ((log '()))
        (run-for-each (lambda (name) (set! log (cons (list name closed) log)))
                      #f (name)
                      (conde
                        ((persono name 40))
                        ((fresh () (fresh () (fresh () (== name 'late)))))))
        log))
    (test-assert "cursors of searches that were given up are closed meanwhile"
      (begin
        (reset!)
        (let ((most 0))
          (run-for-each (lambda (answer)
                          (gc) (gc)
                          (set! most (max most (- opened closed))))
                        20 (n m)
            (goal-from-rows (numbered 1000) (list n))
            (onceo (goal-from-rows (numbered 1000) (list m))))
          (and (= opened 21) (< most 12)))))
    (test-equal "all cleanups are called, even if one raises" '(1 2 3)
      (let ((called '()))
        (false-if-exception
         (run* (q)
           (lambda (state)
             (for-each (lambda (n)
                         (at-end-of-run state
                                        (lambda ()
                                          (set! called (cons n called))
                                          (error "no"))))
                       '(1 2 3))
             state)))
        (sort called <)))
    (test-equal "a cleanup called by hand is not called again" 1
      (let ((called 0))
        (run* (q)
          (lambda (state)
            (let ((now (at-end-of-run state (lambda ()
                                              (set! called (+ called 1))))))
              (now)
              (now)
              state)))
        called)))

  (test-group "negation"
    (let ((noto (lambda (goal)
                  (lambda (state)
                    (call-with-values (lambda () (stream-next (goal (state-branch state))))
                      (lambda (answer rest) (if answer #f state)))))))
      (test-equal "what a negation tries is not seen" '((_.0 ann) (_.0 cid))
        (run* (q name)
          (fresh (age)
            (persono name age)
            (noto (fresh () (== q 1) (== age 40))))))))

  (test-group "planning"
    (test-equal "a conjunction is shown whole, from the first goal on that is no constraint"
      '((#f (person ? 30) (== ? 1) (person ? 2)))
      (take (seen (run* (x y z)
                    (== y 30)
                    (conde (succeed))
                    (persono x y)
                    (== z 1)
                    (persono z 2)))
            1))
    (test-equal "one goal is a conjunction too" '(((person ? ?)))
      (seen (run* (x y) (persono x y))))
    (test-equal "in the clause of a conde" '(((person ann ?)) ((person bob ?)))
      (seen (run* (x y) (conde ((== x 'ann) (persono x y))
                               ((== x 'bob) (persono x y))))))
    (test-equal "no described goal, no planner" '()
      (seen (run* (x) (fresh (y) (conde ((== x 1))) (conde ((== y x)))))))
    (test-equal "what the planner returns is run" '(1 2)
      (with-planner (lambda (state goals asked)
                      (match (descriptions goals)
                        ((('person x y))
                         (list (conde ((== x 1)) ((== x 2)))))))
        (run* (x) (fresh (y) (persono x y))))))

  (test-group "opening"
    (let ((opened
           (lambda (goal-of)
             ;; What is in the goal (GOAL-OF x) where x is 5.
             (let ((result #f))
               (with-planner
                   (lambda (state goals asked)
                     (unless result
                       (call-with-values
                           (lambda () (open-goal state (car goals)))
                         (lambda (new inner)
                           (set! result
                                 (and new (not (eq? new 'clauses))
                                      (map (lambda (description)
                                             (walk* description new))
                                           (descriptions inner)))))))
                     goals)
                 (run 1 (x) (== x 5) (goal-of x) (persono 'ann 30)))
               result)))
          (agedo (lambda (age) (fresh () (persono 'ann age) (persono 'cid age)))))
      (test-equal "fresh" '((person 5 7) (person 7 5))
        (opened (lambda (x)
                  (fresh (y) (== y 7) (persono x y) (persono y x)))))
      (test-equal "a relation" '((person ann 5) (person cid 5)) (opened agedo))
      (test-equal "a fresh alone in a fresh" '((person ann 5) (person cid 5))
        (opened (lambda (x)
                  (fresh ()
                    (fresh (y)
                      (== y x) (persono 'ann y) (persono 'cid x))))))
      (test-equal "a relation in a fresh stays a goal" '(#f)
        (opened (lambda (x) (fresh () (agedo x)))))
      (test-equal "constraints only" '()
        (opened (lambda (x) (fresh (y) (== x y)))))
      (test-equal "conde"
        '(((person 5 1)) () ((person 6 5) (person 2 5)) ((person 3 5)))
        (let ((result #f))
          (with-planner
              (lambda (state goals asked)
                (unless result
                  (call-with-values (lambda () (open-goal state (car goals)))
                    (lambda (kind clauses)
                      (set! result
                            (and (eq? kind 'clauses)
                                 (map (match-lambda
                                        ((state . goals)
                                         (map (lambda (description) (walk* description state))
                                              (descriptions goals))))
                                      clauses))))))
                goals)
            (run 1 (x) (== x 5)
              (conde ((persono x 1))
                     ((== x 5))
                     ((== x 7) (persono x x))
                     ((fresh (y) (== y 6) (persono y x) (persono 2 x)))
                     ((conde ((persono 3 x)))))
              (persono 'ann 30)))
          result))
      (test-equal "not project" #f
        (opened (lambda (x) (project (x) (persono x 1)))))
      (test-equal "not conda" #f
        (opened (lambda (x) (conda ((persono x 1))))))
      (test-equal "not rows" #f
        (opened (lambda (x) (goal-from-rows (cursor people) (list x 30)))))
      (test-equal "not what stands around a conjunction" #f
        (opened (lambda (x)
                  (lambda (state)
                    (let ((search ((agedo x) state)))
                      (lambda () ((@@ (sheepdog kanren stream) stream-bind)
                                  search fail)))))))
      (test-equal "a planner may go on with what it opened" '((ann 30) (cid 30))
        (with-planner
            (lambda (state goals asked)
              (call-with-values (lambda () (open-goal state (car goals)))
                (lambda (new inner)
                  (if new
                      (cons (lambda (_) new) (append inner (cdr goals)))
                      goals))))
          (run* (name age)
            (fresh (a) (== a 30) (== age a) (persono name a))
            (persono name age)))))))
