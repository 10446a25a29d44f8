;;; question-test.scm -- questions as text: what they ask for, and their answers as rows.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog error)
             (sheepdog query question)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define (read-text text)
  (call-with-input-string text (lambda (port) (read-question port "EXPR"))))

(define-syntax-rule (rows-and-headings e)
  (call-with-values (lambda () e) list))

(define (answers text limit)
  (let ((found '()))
    (ask-question (read-text text) limit (lambda (answer) (set! found (cons answer found))))
    (reverse found)))

(define (config-error-saying . words)
  (lambda (exception)
    (and (config-error? exception)
         (every (lambda (word) (string-contains (exception->text exception) word)) words))))

(test-suite "question"
  (test-equal "variables of a run" '(h s) (question-variables '((run* (h s) (hosto h)))))
  (test-equal "one variable" '(q) (question-variables '((run 3 q (hosto q)))))
  (test-equal "of a run inside" '(a b) (question-variables '((sort (run* (a b) x) '(run* (c) d)))))
  (test-equal "of the last form" '(b) (question-variables '((run* (a) x) (run* (b) y))))
  (test-equal "no run" #f (question-variables '((list 1 2) 5)))

  (test-equal "times stand where relations have times"
    '(since until t ended)
    (question-time-variables
     '((run* (h s since until)
         (conde ((interruptiono h s since until) (sampleo h 'k t v))
                ((runo i h s o 5 ended x)))))))
  (test-equal "none in other forms"
    '() (question-time-variables '((run* (a b) (interruptiono a b) (f . g) #(1) (hosto a)))))

  (test-equal "rows of several variables"
    '(((1 2) (3 4)) (a b)) (rows-and-headings (answers->rows '((1 2) (3 4)) '(a b))))
  (test-equal "of one, whose values are lists"
    '((((1 2)) ((3))) (a)) (rows-and-headings (answers->rows '((1 2) (3)) '(a))))
  (test-equal "constraints are a column"
    '(((_.0 _.1 ((=/= ((_.0 5))) (sym _.1))) (1 2 #f)) (a b where))
    (rows-and-headings (answers->rows '(((_.0 _.1) (=/= ((_.0 5))) (sym _.1)) (1 2)) '(a b))))
  (test-equal "no answers" '(() (a b)) (rows-and-headings (answers->rows '() '(a b))))
  (test-equal "lists that are of no run"
    '(((1 2 3)) (#{1}# #{2}# #{3}#)) (rows-and-headings (answers->rows '((1 2 3)) '(a b))))
  (test-equal "and values"
    '(((1) ("x")) (answer)) (rows-and-headings (answers->rows '(1 "x") #f)))

  (test-equal "definitions, then the question"
    '(1 2) (answers "(defrel (a x) (conde ((== x 1)) ((== x 2)))) (run* (q) (a q))" #f))
  (test-equal "a limit is a limit of a run, too"
    '((1) (1 2) (1))
    (list (answers "(run* (q) (conde ((== q 1)) ((== q 2))))" 1)
          (answers "(run 2 (q) (conde ((== q 1)) ((== q 2)) ((== q 3))))" 3)
          (answers "(run 1 (q) (conde ((== q 1)) ((== q 2)) ((== q 3))))" 3)))
  (test-equal "the names that carry it are no one's"
    '(5) (answers "(run 1 (consume) (== consume 5))" 3))
  (test-equal "a list" '(1 2) (answers "(list 1 2 3)" 2))

  (test-raises "nothing to read" (config-error-saying "no question") (read-text " ; nothing"))
  (test-raises "an open parenthesis" (config-error-saying "EXPR:1:") (read-text "(run* (q)"))
  (test-raises "an unknown name"
    (config-error-saying "there is no interuptiono" "did you mean interruptiono?")
    (answers "(run* (h) (fresh (s t u) (interuptiono h s t u)))" #f))
  (test-raises "a form that is not written so"
    (config-error-saying "fresh is written as (fresh (VARIABLE ...) GOAL ...)")
    (answers "(run* (h) (fresh))" #f))
  (test-raises "a form of Scheme" (config-error-saying "let") (answers "(let ((x)) x)" #f))
  (test-raises "no list" (config-error-saying "no run" "5") (answers "5" #f))
  (test-raises "an error of Scheme" (config-error-saying "car") (answers "(list (car 5))" #f)))
