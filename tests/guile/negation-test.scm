;;; negation-test.scm -- there is no such answer, and there is one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog query)
             (sheepdog question-error)
             (sheepdog small-herd)
             (sheepdog test)
             (srfi srfi-64))

(define (one-of x values)
  (if (null? values)
      fail
      (conde ((== x (car values))) ((one-of x (cdr values))))))

(defrel (appendo a b c)
  (conde ((== a '()) (== b c))
         ((fresh (x as cs)
            (== a (cons x as)) (== c (cons x cs))
            (appendo as b cs)))))

(test-suite "negation"
  (test-group "without a store"
    (test-equal "there is none"
      '(1 3) (run* (x) (one-of x '(1 2 3)) (noto (== x 2))))
    (test-equal "it waits for what is behind it"
      '(1 3) (run* (x) (noto (== x 2)) (one-of x '(1 2 3))))
    (test-equal "where it can be told it is told, before what is behind it"
      '() (run* (x) (== x 1) (noto (== x 1)) (project (x) (error "reached"))))
    (test-equal "what a fresh inside makes may be anything"
      '((3)) (run* (l) (one-of l '((1 2) (3))) (noto (fresh (a b) (== l (list a b))))))
    (test-equal "a name that is bound anew inside is not the one outside"
      '(_.0) (run* (x) (noto (fresh (x) (== x 1) (== x 2)))))
    (test-equal "nor by let, or by a pattern"
      '((1 _.0 _.1))
      (run* (x y z)
        (== x 1)
        (noto (let loop ((y x) (z 2)) (== y z)))
        (noto (let* ((y x)) (== y 2)))
        (noto (matche x (,y (== y 2))))
        (noto (matche (x x) ((,y (,z . ,(? symbolo z))) (== y z))))))
    (test-equal "all goals together"
      '((1 2)) (run* (x y) (one-of x '(1 2)) (one-of y '(2 3))
                     (noto (conde ((== x 2)) ((== y 3))))))
    (test-equal "nothing inside is seen outside"
      '((2 _.0)) (run* (x y) (one-of x '(1 2))
                       (noto (fresh (y) (== y 1) (== x y)))))
    (test-equal "no number of answers counts more than one"
      '(1) (run* (x) (== x 1) (someo (conde ((== x 1)) (succeed) (succeed)))))
    (test-equal "there is one, or is not"
      '(2) (run* (x) (someo (fresh (l) (one-of l '((2 1) (2 3))) (fresh (r) (== l (cons x r)))))
                 (one-of x '(1 2))))
    (test-equal "none of none"
      '(1 3) (run* (x) (one-of x '(1 2 3)) (noto (noto (fresh (y) (one-of y '(3 1)) (== x y))))))
    (test-equal "of a relation that recurs"
      '((a c)) (run* (l) (one-of l '((a b) (a c)))
                     (noto (fresh (front) (appendo front '(b) l)))))
    (test-equal "in a relation, its arguments are from around"
      '(1) (let ()
             (defrel (not-two x) (noto (== x 2)))
             (run* (x) (one-of x '(1 2)) (not-two x))))
    (test-equal "comparisons inside"
      '(1 2) (run* (x) (noto (fresh (y) (>o x y) (one-of y '(2 5)))) (one-of x '(1 2 3))))
    (test-equal "a comparison inside of what is known outside only"
      '(1) (run* (x) (noto (>o x 1)) (one-of x '(1 2))))
    (test-equal "a template names what is in it"
      '((1)) (run* (x) (fresh (y) (one-of y '(1 2)) (== x (list y)) (noto (== x `(,(+ 1 1)))))))
    (test-equal "a list that is known in part"
      "noto: x is not known, and nothing beside it says which x is meant; add a relation that does, as \
(hosto host) does for a host, or write (fresh (x) ...) inside the noto if any will do"
      (complaint (run* (x) (fresh (y) (== x (list 1 y)) (noto (== x '(1 2))))))))

  (test-group "what must be known"
    (test-equal "says which is not"
      "noto: y is not known, and nothing beside it says which y is meant; add a relation that does, as \
(hosto host) does for a host, or write (fresh (y) ...) inside the noto if any will do"
      (complaint (run* (x y) (== x 1) (noto (== x y)))))
    (test-equal "someo, too"
      "someo: y is not known, and nothing beside it says which y is meant; add a relation that does, as \
(hosto host) does for a host, or write (fresh (y) ...) inside the someo if any will do"
      (complaint (run* (x y) (== x 1) (someo (== x y)))))
    (test-equal "also what a let begins with, or a pattern is held against"
      '(#t #t)
      (list (string-prefix? "noto: y is not" (complaint (run* (x y) (noto (let ((x y)) (== x 1))))))
            (string-prefix? "noto: y is not"
                            (complaint (run* (x y) (noto (matche (y 1) ((,x ,y) (== x 1)))))))))
    (test-equal "also in a clause of a conde inside"
      "noto: y is not known, and nothing beside it says which y is meant; add a relation that does, as \
(hosto host) does for a host, or write (fresh (y) ...) inside the noto if any will do"
      (complaint (run* (x y) (== x 1) (noto (conde ((== x 2)) ((== y 3)))))))
    (test-equal "what is used without its name"
      "noto: its goals use a variable from around them, though not by its name, that is not known; add \
a relation that says what it is, or name it where it is used"
      (complaint (run* (x y) (let ((goal (== y 5))) (fresh () (== x 1) (noto (== x 1) goal))))))
    (test-equal "and is known in the end"
      '((1 6)) (run* (x y)
                 (let ((goal (== y 5))) (fresh () (== x 1) (noto goal) (one-of y '(5 6))))))
    (test-equal "no fault where no answer comes of it"
      '((2 _.0)) (run* (x y) (one-of x '(1 2)) (noto (fresh (y) (== x 1) (== y 1)))))
    (test-equal "a negation waits for what a comparison cannot say"
      "noto: x is not known, and nothing beside it says which x is meant; add a relation that does, as \
(hosto host) does for a host, or write (fresh (x) ...) inside the noto if any will do"
      (complaint (run* (x) (>o x 1) (noto (== x 2))))))

  (call-with-small-herd
   (lambda (path)
     (open-herd path)
     (parameterize ((current-present small-herd-now))
       (test-group "over the store"
         (test-equal "hosts that have no successful backup in the last 7 days"
           '("tux01" "tux02" "ærø")
           (run* (host)
             (hosto host)
             (noto (fresh (id started ended exit)
                     (runo id host "backup" 'succeeded started ended exit)
                     (>o ended (ago (days 7)))))))
         (test-equal "the same of 30, asked the other way round"
           '("tux02" "ærø")
           (run* (host)
             (noto (fresh (id started ended exit)
                     (>o ended (ago (days 30)))
                     (runo id host "backup" 'succeeded started ended exit)))
             (hosto host)))
         (test-equal "hosts that have had one, each once"
           '("tux01" "tux02" "ærø")
           (run* (host)
             (hosto host)
             (someo (fresh (s st si u) (stateo host s st si u)))))
         (test-equal "services that were never interrupted"
           '(("tux02" "web"))
           (run* (host service)
             (fresh (status since)
               (statuso host service status since)
               (noto (fresh (from to) (stateo host service 'critical from to)))
               (noto (fresh (from to) (stateo host service 'unknown from to))))))
         (test-equal "a fact of another type is in no order inside, either"
           '("raid.ok" "raid.ok" "raid.ok")
           (append
            (run* (key)
              (fresh (v)
                (facto "tux02" key v)
                (noto (conde ((stringo v)) ((>o v 1))))))
            (run* (key)
              (fresh (v)
                (facto "tux02" key v)
                (someo (condu ((<=o v 1))))))
            (run* (key)
              (fresh (v)
                (facto "tux02" key v)
                (counto 1 () (conda ((<=o v 1))))))))
         (test-equal "the host that is not known is named"
           "noto: host is not known, and nothing beside it says which host is meant; add a relation \
that does, as (hosto host) does for a host, or write (fresh (host) ...) inside the noto if any will do"
           (complaint (run* (host) (noto (facto host 'packaged.by "hand")))))
         (close-herd))))))
