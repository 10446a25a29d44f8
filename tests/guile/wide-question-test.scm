;;; wide-question-test.scm -- a question about more tables than SQLite joins
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog query)
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

(call-with-told-herd
 (append (facts-of "full" keys) (facts-of "lacking" (cdr keys)))
 (lambda ()
   (test-suite "wide question"
     (test-equal "of forty facts" '("full") (hosts-with (goals-about keys)))
     (test-equal "of those that both have" '("full" "lacking")
       (sort (hosts-with (goals-about (cdr keys))) string<?))
     (test-equal "and of one that is not there" '("lacking")
       (hosts-with `(,@(goals-about (cdr keys)) (noto (fresh (value) (facto host "key0" value)))))))))
