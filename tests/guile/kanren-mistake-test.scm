;;; kanren-mistake-test.scm -- what is said where something else stands in the place of a goal
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 match)
             (srfi srfi-64)
             (sheepdog error)
             (sheepdog kanren)
             (sheepdog test))

(define (said program)
  "Return what is said of PROGRAM, a form: the message of the error that it raises, and the part of it
that a syntax error is about."
  (with-exception-handler
      (lambda (exception)
        (match (cons (exception-kind exception) (exception-args exception))
          (('syntax-error _ message _ form subform)
           (list message (or subform form)))
          (_ (exception->text exception))))
    (lambda () (eval program (current-module)))
    #:unwind? #t))

(define-syntax-rule (test-said expected program)
  (test-equal (object->string 'program) expected (said 'program)))

(define constant "a constant is no goal (a goal is a list such as (== q 1))")

(defrel (oneo x) (== x 1))
(define (nothingo x) (if #f #f))

(test-suite "kanren-mistake"

  (test-group "constants"
    (test-said (list constant 5) (run* (q) (== q 1) 5))
    (test-said (list constant "a") (run* (q) "a" (== q 1)))
    (test-said (list constant ''a) (run* (q) 'a))
    (test-said (list constant #t) (run* (q) (conde ((== q 1)) (#t))))
    (test-said (list constant 5) (fresh (x) (matche x ((1) 5))))
    (test-said (list constant 5) (condu (succeed 5)))
    (test-said (list constant "x") (defrel (relationo x) "x")))

  (test-group "constraints"
    (test-said '("it takes two arguments" (== q)) (run* (q) (== q)))
    (test-said '("it takes one argument" (symbolo q 1)) (run* (q) (symbolo q 1)))
    (test-said '("it takes two arguments" (absento . q)) (run* (q) (absento . q)))
    (test-said '("no goal alone (a goal is (== a b); and a clause of conde has parentheses \
around its goals)" ==)
      (run* (q) (conde (== q 1) (== q 2))))
    (test-said '("it is a goal without parentheses" (succeed)) (run* (q) (succeed))))

  (test-group "values"
    (test-said "(nothingo q) is no goal: its value is #<unspecified>"
      (run* (q) (nothingo q)))
    (test-said "(nothingo q) is no goal: its value is #<unspecified>"
      (run* (q) (oneo q) (nothingo q)))
    (test-said "(nothingo q) is no goal: its value is #<unspecified>"
      (run* (q) (nothingo q) (oneo q)))
    (test-said "(run* (r) (oneo r)) is no goal: its value is (1)"
      (run* (q) (run* (r) (oneo r))))
    (test-said "q is no goal but a variable; are there parentheses missing, as around the goals of \
a clause of conde?"
      (run* (q) (conde (oneo q))))
    (test-said "oneo is a relation, and no goal without parentheses and arguments"
      (run* (q) oneo))
    (test-said "onceo: its argument is no goal but 5"
      (run* (q) (onceo 5)))
    (test-equal "the place is known" "here.scm:3:11"
      (with-exception-handler question-error-place
        (lambda ()
          (eval (call-with-input-string "\n\n(run* (q) (nothingo q))"
                  (lambda (port)
                    (set-port-filename! port "here.scm")
                    (read port)))
                (current-module)))
        #:unwind? #t)))

  (test-group "variables and limits"
    (test-said '("no list of variables (it is written as (fresh (VARIABLE ...) GOAL ...))" x)
      (run* (q) (fresh x (== x q))))
    (test-said '("a variable is named twice" x)
      (run* (q) (fresh (x y x) (== x q))))
    (test-said '("no list of variables (it is written as (run LIMIT (VARIABLE ...) GOAL ...) or \
(run* (VARIABLE ...) GOAL ...))" (== q 1))
      (run (q) (== q 1)))
    (test-said "run: the limit is -1; it must be a whole number from 0 on, or #f for all answers"
      (run -1 (q) (== q 1))))

  (test-group "what is right"
    (test-equal '(1) (let ((g (oneo 1))) (run* (q) (oneo q) g)))
    (test-equal '(_.0) (let ((g succeed)) (run* (q) g)))
    (test-equal '(1) (run* (q) (let ((g (oneo q))) (fresh () g))))))
