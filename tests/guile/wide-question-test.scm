;;; wide-question-test.scm -- a question about more tables than SQLite joins, or deeper than it reads
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 regex)
             (sheepdog query)
             (sheepdog query explain)
             (sheepdog test)
             (sheepdog told-herd)
             (srfi srfi-1)
             (srfi srfi-64))

(define keys (map (lambda (n) (format #f "key~a" n)) (iota 40)))

(define (goals-about keys)
  (map (lambda (key) `(fresh (value) (facto host ,key value))) keys))

(define (hosts-with goals)
  (eval `(run* (host) (hosto host) ,@goals) (resolve-module '(sheepdog query))))

(define (facts-of host keys)
  (map (lambda (key) `(fact ,host ,key 1 9 #f)) keys))

;; Each is about the ones inside of it.
(define (nested n form innermost)
  (if (zero? n)
      innermost
      (form (nested (- n 1) form innermost))))

(define (without n)
  (nested n
          (lambda (inner) `(noto (fresh (value) (facto host "key3" value) ,inner)))
          '(fresh (value) (facto host "key0" value))))

(define (counting n)
  (nested n
          (lambda (inner) `(counto 1 (value) (facto host "key3" value) ,inner))
          '(fresh (value) (facto host "key0" value))))

(define (variables n)
  (map (lambda (i) (string->symbol (format #f "x~a" i))) (iota n)))

(define (computing n goal)
  "The sums, one of the other, that GOAL makes of the variables before and after."
  (let ((variables (variables n)))
    `(run* (,(last variables))
       (fresh ,(drop-right variables 1)
         (facto "full" "key3" ,(car variables))
         ,@(map goal (drop-right variables 1) (cdr variables))))))

(define (answers question)
  (eval question (resolve-module '(sheepdog query))))

(call-with-told-herd
 (append (facts-of "full" keys) (facts-of "lacking" (cdr keys)))
 (lambda ()
   (test-suite "wide question"
     (test-equal "of forty facts" '("full") (hosts-with (goals-about keys)))
     (test-equal "of those that both have" '("full" "lacking")
       (sort (hosts-with (goals-about (cdr keys))) string<?))
     (test-equal "and of one that is not there" '("lacking")
       (hosts-with `(,@(goals-about (cdr keys)) (noto (fresh (value) (facto host "key0" value))))))
     (test-equal "of what is nested deeper than SQLite reads"
       '(("lacking") ("full") ("lacking") ("full"))
       (map (lambda (n) (hosts-with (list (without n)))) '(13 14 29 30)))
     (test-equal "of counts in counts" '(("full") ("full"))
       (map (lambda (n) (hosts-with (list (counting n)))) '(5 20)))
     (test-equal "of groups of groups" '(("full" 1) ("lacking" 1))
       (sort (answers `(run* (host x)
                         ,(nested 25 (lambda (inner) `(groupo (host) ((sumo x x)) (x) ,inner))
                                  '(facto host "key3" x))))
             (lambda (a b) (string<? (car a) (car b)))))
     (test-equal "of sums of sums" '(60) (answers (computing 60 (lambda (x y) `(pluso 1 ,x ,y)))))
     (test-equal "of what is twice as long each time" (list (expt 2 40))
       (answers (computing 41 (lambda (x y) `(pluso ,x ,x ,y)))))
     (test-equal "of a thousand comparisons and more" '("full" "lacking")
       (sort (hosts-with `((fresh (value)
                             (facto host "key3" value)
                             ,@(map (lambda (n) `(<o value ,(+ n 2))) (iota 520))
                             ,@(map (lambda (n) `(=/= value ,(+ n 2))) (iota 520)))))
             string<?))
     (test-assert "why that is searched is told"
       (let ((text (call-with-output-string
                     (lambda (port) (explain (lambda () (hosts-with (list (without 14)))) port)))))
         (string-match "noto .*, since .*nested too deep for SQLite" text))))))
