;;; aggregate-test.scm -- counts, sums and their like; groups; order and limit.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog query)
             (sheepdog question-error)
             (sheepdog small-herd)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define (one-of x values)
  (if (null? values)
      fail
      (conde ((== x (car values))) ((one-of x (cdr values))))))

;; Sales: who, what, how much.
(define sales '((ann pear 3) (bob pear 5) (ann fig 4) (ann pear 1) (cid fig #f) (bob fig 2.5)))

(defrel (sale who what amount)
  (one-of (list who what amount) sales))

(define (same-set? a b)
  (lset= equal? a b))

(test-suite "aggregate"
  (test-group "of all answers"
    (test-equal "how many, each as often as it is found" '(3)
      (run* (n) (counto n () (conde (succeed) (succeed) (succeed)))))
    (test-equal "what is around is known, or waited for" '((ann 3) (bob 2) (cid 1))
      (run* (who n) (counto n (what a) (sale who what a)) (one-of who '(ann bob cid))))
    (test-equal "sums and their like, without what is not there" '((15.5 1 5 3.1 3))
      (run* (sum least greatest mean median)
        (sumo sum (a who what) (sale who what a))
        (mino least (a who what) (sale who what a))
        (maxo greatest (a who what) (sale who what a))
        (avgo mean (a who what) (sale who what a))
        (mediano median (a who what) (sale who what a))))
    (test-equal "of none" '((0 0))
      (run* (n sum)
        (counto n (what a) (sale 'eve what a)) (sumo sum (a what) (sale 'eve what a))))
    (test-equal "of none there is no least, greatest, mean or middle one" '()
      (append (run* (x) (mino x (a what) (sale 'eve what a)))
              (run* (x) (maxo x (a what) (sale 'eve what a)))
              (run* (x) (avgo x (a what) (sale 'eve what a)))
              (run* (x) (mediano x (a what) (sale 'eve what a)))
              ;; Only one that has no amount.
              (run* (x) (avgo x (a what) (sale 'cid what a)))))
    (test-equal "exact where they are whole" '(2 2.5 6 2 2.5)
      (append (run* (x) (avgo x (a) (one-of a '(1 2 3))))
              (run* (x) (avgo x (a) (one-of a '(1 2 3 4))))
              (run* (x) (sumo x (a) (one-of a '(1.5 4.5))))
              (run* (x) (mediano x (a) (one-of a '(9 1 2))))
              (run* (x) (mediano x (a) (one-of a '(9 1 2 3))))))
    (test-equal "what is beyond 64 bits on the way is added exactly" '(2)
      (run* (x) (sumo x (a) (one-of a '(1 9223372036854775807 9223372036854775807 1 -9223372036854775807 -9223372036854775807)))))
    (test-equal "in any order" '((0.6 0.6))
      (run* (x y) (sumo x (a) (one-of a '(0.1 0.2 0.3))) (sumo y (a) (one-of a '(0.3 0.2 0.1)))))
    (test-equal "a sum beyond 64 bits is inexact" '(9223372036854775808.)
      (run* (x) (sumo x (a) (one-of a '(9223372036854775807 1)))))
    (test-error "one beyond all numbers is an error" #t
      (run* (x) (sumo x (a) (one-of a '(1e308 1e308)))))
    (test-equal "now is the present time" '((110 100))
      (parameterize ((current-present 100))
        (run* (x y) (sumo x (a) (one-of a '(now 10))) (maxo y (a) (one-of a '(now 10))))))
    (test-equal "strings have a least and a greatest" '(("a" "b"))
      (run* (x y) (mino x (a) (one-of a '("b" "a"))) (maxo y (a) (one-of a '("b" "a")))))
    (test-equal "a result that is known is compared" '(yes)
      (append (run* (q) (counto 3. (what a) (sale 'ann what a)) (== q 'yes))
              (run* (q) (counto 2 (what a) (sale 'ann what a)))))
    (test-equal "one of what another one says, however they stand" '((3 6))
      (run* (n twice) (>o twice 5) (timeso n 2 twice) (counto n (w a) (sale 'ann w a))))
    (test-equal "what stands behind sees it" '((3 more))
      (run* (n q) (counto n (w a) (sale 'ann w a))
            (conda ((>o n 2) (== q 'more)) ((== q 'less)))))
    (test-equal "in one another" '(2)
      (run* (n)
        (counto n (who m) (one-of who '(ann bob cid))
                (counto m (w a) (sale who w a)) (>o m 1))))
    (test-equal "names of its own are not those around it" '((_.0 _.1 3))
      (run* (x y n)
        (counto n () (counto 2 (x) (one-of x '(1 2)))
                (sumo 3 (y x) (one-of x '(1)) (== y 3))
                (groupo (1) ((maxo 2 x)) (x y) (== x 2) (one-of y '(1 2)))
                (conde (succeed) (succeed) (succeed)))))
    (test-equal "nothing inside is seen outside" '((2 _.0))
      (run* (n x) (counto n (x) (one-of x '(1 2))))))

  (test-group "groups"
    (test-assert "an answer for each"
      (same-set? '((pear 3 9) (fig 3 6.5))
                 (run* (what n total)
                   (groupo (what) ((counto n) (sumo total a)) (who a) (sale who what a)))))
    (test-equal "a key that is known says which" '((3 9))
      (run* (n total)
        (groupo ('pear) ((counto n) (sumo total a)) (who a) (sale who 'pear a))))
    (test-assert "keys may come from beside it"
      (let ((both '((ann pear 4) (ann fig 4))))
        (and (same-set? both
                        (run* (who what total)
                          (groupo (who what) ((sumo total a)) (a) (sale who what a)) (== who 'ann)))
             (same-set? both
                        (run* (who what total)
                          (== who 'ann) (groupo (who what) ((sumo total a)) (a) (sale who what a))))
             (same-set? both
                        (run* (who what total)
                          (groupo (who what) ((sumo total a)) (a) (sale who what a))
                          (one-of who '(ann)))))))
    (test-assert "results, too"
      (same-set? '(ann) (run* (who) (groupo (who) ((counto 3)) (what a) (sale who what a)))))
    (test-assert "no aggregate: each combination once"
      (same-set? '((ann pear) (bob pear) (ann fig) (cid fig) (bob fig))
                 (run* (who what) (groupo (who what) () (a) (sale who what a)))))
    (test-assert "a group without what an aggregate needs has no answer"
      (same-set? '((ann 8/3) (bob 3.75))
                 (map (lambda (answer) (list (car answer) (if (eqv? (cadr answer) (/ 8. 3)) 8/3
                                                              (cadr answer))))
                      (run* (who mean) (groupo (who) ((counto 3) (avgo mean a)) (what a)
                                               (conde ((sale who what a)) ((== who 'bob) (== a 3.75))
                                                      ((== who 'cid) (== a #f))
                                                      ((== who 'cid) (== a #f))))))))
    (test-equal "no answers, no groups" '()
      (run* (n) (groupo () ((counto n)) () fail)))
    (test-equal "no keys: all answers are one group" '(6)
      (run* (n) (groupo () ((counto n)) (who what a) (sale who what a))))
    (test-assert "groups of groups"
      ;; How many customers bought how many things.
      (same-set? '((2 2) (1 1))
                 (run* (things customers)
                   (groupo (things) ((counto customers)) (who)
                           (groupo (who) ((counto things)) (what)
                                   (groupo (who what) () (a) (sale who what a)))))))
    (test-equal "another variable from around says what is meant" '((fig 4))
      (run* (what total)
        (fresh (who)
          (groupo (what) ((sumo total a)) (a) (sale who what a) (== what 'fig))
          (== who 'ann)))))

  (test-group "order"
    (test-equal "smallest first, greatest first, and who comes among equals"
      '((ann 1) (bob 2.5) (ann 3) (ann 4) (bob 5))
      (run* (who a) (ordero (a) (fresh (what) (sale who what a) (numbero a)))))
    (test-equal "greatest first" '(5 4 3 2.5 1 #f)
      (run* (a) (fresh (who what) (ordero ((> a)) (sale who what a)))))
    (test-equal "several keys; among equals as they are found"
      '((fig ann) (fig bob) (fig cid) (pear ann) (pear ann) (pear bob))
      (run* (what who) (fresh (a) (ordero ((< what) who) (sale who what a)))))
    (test-equal "kinds of values" '(#f 1 now 200 "a" "b" ok)
      (parameterize ((current-present 100))
        (run* (x) (ordero (x) (one-of x '("b" ok 200 now 1 #f "a"))))))
    (test-equal "the first of them" '(5 4)
      (run 2 (a) (ordero ((> a)) (fresh (who what) (sale who what a)))))
    (test-equal "of groups" '((ann 3) (bob 2) (cid 1))
      (run* (who n) (ordero ((> n)) (groupo (who) ((counto n)) (what a) (sale who what a))))))

  (test-group "limit"
    (test-equal "the first answers" '(1 2)
      (run* (x) (limito 2 (one-of x '(1 2 3)))))
    (test-equal "not more than there are" '(1) (run* (x) (limito 5 (== x 1))))
    (test-equal "none" '() (run* (x) (limito 0 (== x 1))))
    (test-equal "no more is searched for" '(1)
      (run* (x) (limito 1 (conde ((== x 1)) ((project (x) (error "searched")))))))
    (test-equal "the greatest" '((bob 5) (ann 4))
      (run* (who a) (limito 2 (ordero ((> a)) (fresh (what) (sale who what a))))))
    (test-equal "what stands beside it does not say which" '()
      (run* (x) (fresh (y) (limito 1 (one-of x '(1 2))) (pluso 1 1 x))))
    (test-equal "for each of those before it" '((1 a) (2 a))
      (run* (x y) (one-of x '(1 2)) (limito 1 (one-of y '(a b)))))
    (test-equal "a number that is known by then" '(a b)
      (run* (y) (fresh (n) (pluso 1 1 n) (limito n (one-of y '(a b c)))))))

  (test-group "wrong use"
    (test-equal "what is counted depends on a variable that is not known"
      "counto: who is not known, and nothing beside it says which who is meant; add a relation that \
does, as (hosto host) does for a host, or write (fresh (who) ...) inside the counto if any will do"
      (complaint (run* (who n) (counto n (what a) (sale who what a)))))
    (test-equal "also in groups"
      "groupo: who is not known, and nothing beside it says which who is meant; add a relation that \
does, as (hosto host) does for a host, or write (fresh (who) ...) inside the groupo if any will do"
      (complaint (run* (who n) (fresh (what) (groupo (what) ((counto n)) (a) (sale who what a))))))
    (test-equal "without its name"
      "sumo: its goals use a variable from around them, though not by its name, that is not known; add \
a relation that says what it is, or name it where it is used"
      (complaint (run* (x n) (let ((goal (== x 1))) (fresh () (sumo n (a) (== a 1) goal))))))
    (test-equal "a key that the goals do not say"
      "groupo: the second key, what, is not known in an answer of its goals, and nothing beside it says \
what it is"
      (complaint (run* (who what) (groupo (who what) () (a) (sale who 'fig a)))))
    (test-equal "said before what waits for it"
      "counto: who is not known, and nothing beside it says which who is meant; add a relation that \
does, as (hosto host) does for a host, or write (fresh (who) ...) inside the counto if any will do"
      (complaint (run* (who n) (>o n 3) (counto n (what a) (sale who what a)))))
    (test-equal "no number" "sumo: a must be a number, not the symbol x"
      (complaint (run* (n) (sumo n (a) (one-of a '(1 x))))))
    (test-equal "no number of a string" "avgo: a must be a number, not the string \"x\""
      (complaint (run* (n) (avgo n (a) (one-of a '(1 "x"))))))
    (test-equal "neither number nor string" "maxo: a must be a number or a string, not (1)"
      (complaint (run* (n) (maxo n (a) (one-of a '((1)))))))
    (test-equal "numbers and strings"
      "groupo: a is the number 1 in one answer and the string \"x\" in another one, which cannot be \
compared"
      (complaint (run* (n) (groupo () ((mino n a)) (a) (one-of a '(1 "x"))))))
    (test-equal "nothing that says what is added up" "sumo: a is not known in an answer of its goals"
      (complaint (run* (n) (sumo n (a) succeed))))
    (test-equal "no order of what is not known" "ordero: y is not known in an answer of its goals"
      (complaint (run* (x y) (ordero (x (> y)) (== x 1)))))
    (test-equal "no count"
      "limito: its first argument must be how many answers, a whole number, not the string \"5\""
      (complaint (run* (x) (limito "5" (== x 1)))))
    (test-equal "a count that is not known"
      "limito: its first argument must be how many answers, a whole number, not n, of which it is not \
known what it is"
      (complaint (run* (x n) (limito n (== x 1))))))

  (call-with-small-herd
   (lambda (path)
     (open-herd path)
     (parameterize ((current-present small-herd-now))
       (test-equal "the services that were down longest, and how often"
         (list (list "tux02" "backup" (* 41 day) 2) (list "tux01" "backup" (* 20 day) 1))
         (run 2 (host service total n)
           (ordero ((> total))
             (groupo (host service) ((sumo total seconds) (counto n)) (since until seconds)
               (interruptiono host service since until)
               (durationo since until seconds)))))
       (test-equal "facts have numbers and strings: only numbers are added, and these stand first"
         '((137438953473 1 "6.1.0-21"))
         (run* (sum least greatest)
           (sumo sum (v key) (conde ((facto "tux02" key v)) ((facto "nobody" key v))))
           (mino least (v key) (conde ((conde (fail) ((facto "tux02" key v))))))
           (maxo greatest (v key) (fresh () (fresh () (facto "tux02" key v))))))
       (test-equal "when the last successful backup was, where there was one"
         (list (list "tux01" (ago (days 20))))
         (run* (host last)
           (maxo last (ended id started exit)
             (runo id host "backup" 'succeeded started ended exit))
           (hosto host)))
       (test-equal "the memory in the middle"
         (list (gibibytes 32))
         (run* (m) (mediano m (memory host) (facto host 'host.memory memory))))
       (test-equal "of what is known outside alone"
         (list (list "tux01" (* 2 (gibibytes 32))) (list "tux02" (* 2 (gibibytes 128)))
               (list "ærø" (* 2 (gibibytes 16))))
         (sort (run* (h twice)
                 (fresh (m)
                   (facto h 'host.memory m)
                   (maxo twice (x v) (pluso m m x) (facto h 'host.memory v))))
               (lambda (a b) (string<? (car a) (car b)))))
       (test-equal "groups of which only is asked whether there are any"
         '(("tux01") ())
         (list (run* (h) (== h "tux01") (groupo () () (v) (facto "tux01" 'host.memory v)))
               (run* (h) (== h "tux01") (groupo () () (v) (facto "nobody" 'host.memory v)))))
       (test-equal "what no fact of all hosts but one is"
         '(("host.kernel" "6.1.0-18") ("host.kernel" "6.1.0-21"))
         (run* (key value)
           (ordero (key value)
             (groupo (key value) ((counto 1)) (host) (facto host key value) (stringo value)
                     (== key "host.kernel"))))))
     (close-herd))))
