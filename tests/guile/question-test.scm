;;; question-test.scm -- questions as text: what they ask for, and their answers as rows.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog error)
             (sheepdog query asking question)
             (sheepdog question-text)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define-syntax-rule (rows-and-headings e)
  (call-with-values (lambda () e) list))

(define (config-error-saying . words)
  (lambda (exception)
    (and (config-error? exception)
         (every (lambda (word) (string-contains (exception->text exception) word)) words))))

;; Texts that end too early, each with what is said of it.
(define unclosed
  '(("(run* (h)\n  (hosto h)" "EXPR:1:1: (run* ... is not closed; a closing parenthesis is missing")
    ("(run* (h) (fresh (k) (facto h k \"(\")\n"
     "EXPR:1:11: (fresh ... is not closed; 2 closing parentheses are missing")
    ("; (\n #| ( |# (list #\\( #\\) (list)" "EXPR:2:10: (list ... is not closed; a closing parenthesis is missing")
    ("((((hosto h" "EXPR:1:4: (hosto ... is not closed; 4 closing parentheses are missing")
    ("(run* (h) (facto h 'a\n \"ada \\\" ))"
     "EXPR:2:2: the text that begins here, \"ada ..., has no \" at its end")
    ("(list 1)\n#| (list 2)" "EXPR:2:1: the comment that begins here has no |# at its end")
    ("(list '" "EXPR:1:1: (list ... is not closed; a closing parenthesis is missing")
    ("'" "#f: EXPR:1:2: unexpected end of input while reading quoted expression")
    ("(list 1\n #.(car 5))" "EXPR:2:4: #. read expansion found and read-eval? is #f.")
    ("(list 1\n #e1e1000000000)" "EXPR:2:16: Value out of range: 1000000000")
    ("(hosto h))" "EXPR:1:10: this closing parenthesis closes nothing; there is one too many")
    ("(list 1)\n ) (list 2)" "EXPR:2:2: this closing parenthesis closes nothing; there is one too many")))

(test-suite "question"
  (test-equal "variables of a run" '(h s) (question-variables '((run* (h s) (hosto h)))))
  (test-equal "one variable" '(q) (question-variables '((run 3 q (hosto q)))))
  (test-equal "of a run inside" '(a b) (question-variables '((sort (run* (a b) x) '(run* (c) d)))))
  (test-equal "of the last form" '(b) (question-variables '((run* (a) x) (run* (b) y))))
  (test-equal "no run" #f (question-variables '((list 1 2) 5)))

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

  (test-equal "relations that speak of each other"
    '(2) (answers "(define-relation (a x) (b x)) (define-relation (b x) (== x 2)) (run* (q) (a q))" #f))
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
  (test-equal "what is not closed"
    (map cadr unclosed)
    (map (lambda (text) (complaint (car text))) unclosed))
  (test-equal "a number that takes long to read"
    "EXPR:2:4: a number has at most 1000 digits"
    (complaint (string-append "(list\n 0." (make-string 1001 #\7) ")")))
  (test-equal "nor of these that are not known"
    "EXPR:1:7: a number has at most 1000 digits"
    (complaint (string-append "(list 1" (make-string 1001 #\#) ")")))
  (test-equal "but not in a string, which is none"
    (list (list 'list (make-string 1001 #\a) "\"" (make-string 1001 #\1)))
    (read-text (format #f "(list ~s ; 1\n \"\\\"\" ~s)" (make-string 1001 #\a) (make-string 1001 #\1))))
  (test-equal "nor where a string only seems to begin"
    '("EXPR:1:13: a number has at most 1000 digits" "EXPR:1:11: a number has at most 1000 digits")
    (map (lambda (before) (complaint (string-append before (make-string 1001 #\7) ")")))
         '("(list #!\"!# " "(list #\\\" ")))
  (test-equal "what only looks open"
    '((a #\( #\" "(" #{(}#))
    (read-text "(a #\\( #\\\" \"(\" #{(}#) ; (\n #| ( #| ( |# ( |# #;(b)"))
  (test-raises "definitions alone" (config-error-saying "no question at its end")
    (answers "(define a 1) (define-syntax-rule (b) 2)" #f))
  (test-raises "no list" (config-error-saying "no run" "5") (answers "5" #f))
  (test-equal "a key may have any name"
    '((1 2)) (answers "(run* (t desc) (ordero (t desc) (== t 1) (== desc 2)))" #f)))
