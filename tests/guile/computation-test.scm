;;; computation-test.scm -- what is computed of what is known.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog query)
             (sheepdog question-error)
             (sheepdog small-herd)
             (sheepdog test)
             (srfi srfi-64))

(define-syntax answers
  ;; The values of x where the goals hold, in which a and b are variables, too.
  (lambda (form)
    (syntax-case form ()
      ((head goal ...)
       (with-syntax (((x a b) (datum->syntax #'head '(x a b))))
         #'(run* (x) (fresh (a b) goal ...)))))))

(define (exact-answers answers)
  (map (lambda (x) (if (number? x) (list x (exact? x)) x)) answers))

(test-suite "computation"
  (parameterize ((current-present 1000))
    (test-group "sums"
      (test-equal "any two say the third" '((5) (2) (3))
        (list (answers (pluso 2 3 x)) (answers (pluso x 3 5)) (answers (pluso 2 x 5))))
      (test-equal "all three are compared, as numbers" '((_.0) ())
        (list (answers (pluso 2 3 5.0)) (answers (pluso 2 3 6))))
      (test-equal "exact where they are whole"
        '(((5 #t)) ((0.75 #f)) ((3 #t)) ((9223372036854775807 #t)))
        (map exact-answers
             (list (answers (pluso 2.0 3 x)) (answers (pluso 1/2 1/4 x)) (answers (pluso 0.5 2.5 x))
                   (answers (pluso 9223372036854775806 1 x)))))
      (test-equal "inexact beyond 64 bits, as the store has them" '(((1e20 #f)) ((9223372036854775808. #f)))
        (map exact-answers
             (list (answers (pluso 100000000000000000000 1 x)) (answers (pluso 9223372036854775807 1 x)))))
      (test-equal "now is the present time" '(1060) (answers (pluso 'now 60 x)))
      (test-equal "what is told is a number, and not now" '(() (now))
        (list (answers (pluso 400 600 x) (conde ((== x 'now))))
              (answers (== x 'now) (pluso 400 600 x)))))

    (test-group "products"
      (test-equal "any two say the third" '((6) (2) (3))
        (list (answers (timeso 2 3 x)) (answers (timeso x 3 6)) (answers (timeso 2 x 6))))
      (test-equal "exact where they are whole" '(((0.5 #f)) ((3 #t)) ((6 #t)))
        (map exact-answers
             (list (answers (timeso 2 x 1)) (answers (timeso 0.5 x 1.5)) (answers (timeso 1.5 4 x)))))
      (test-equal "what times 0 is 0 may be any number, which another goal says in any order" '(5 5 (5 5))
        (append (answers (timeso 0 x 0) (== x 5)) (answers (== x 5) (timeso x 0 0))
                (list (answers (conde ((timeso 0 x 0) (counto a () succeed succeed) (pluso a 4 x))
                                      ((counto a () succeed) (pluso a 4 x) (timeso x 0 0)))))))
      (test-equal "and where none says it, there is no answer, nor a complaint of what waits for it" '()
        (append (answers (timeso 0 x 0) (>o x 5)) (answers (>o x 5) (pluso x 1 a) (timeso x 0 0))
                (answers (timeso 0 a 0) (noto (== a 1)) (== x 1))))
      (test-equal "a goal that looks at values sees none that may be any" '()
        (answers (timeso 0 a 0) (project (a) (== x (* 2 a)))))
      (test-equal "nothing is divided by 0" '()
        (append (answers (timeso 0 x 5)) (answers (timeso x 0 0)) (answers (timeso 0. x 1))))
      (test-equal "a product with 0 there is" '(0) (answers (timeso 0 5 x)))
      (test-equal "none that is beyond all numbers" '() (answers (timeso 1e300 1e300 x))))

    (test-group "lengths of time"
      (test-equal "from, until" '((40 #t)) (exact-answers (answers (durationo 10 50 x))))
      (test-equal "until now" '(990) (answers (durationo 10 'now x)))
      (test-equal "to a microsecond" '(0.3) (answers (durationo 0.1 0.4 x)))
      (test-equal "known too" '(1) (answers (== x 1) (durationo 10 50 40.)))
      (test-equal "what of it lies within" '(5 3 2 10 0 0 0 500)
        (append (answers (withino 10 15 0 20 x)) (answers (withino 10 15 12 20 x))
                (answers (withino 10 15 0 12 x)) (answers (withino 0 30 10 20 x))
                (answers (withino 10 15 15 20 x)) (answers (withino 15 20 10 15 x))
                (answers (withino 10 15 17 20 x))
                (answers (withino 500 'now 0 'now x)))))

    (test-group "days"
      (test-equal "are those of the user's zone"
        (list (strftime "%Y-%m-%d" (localtime 1795266185)))
        (answers (dayo 1795266185.5 x)))
      (test-equal "known too" '(#t #f)
        (list (pair? (answers (== a (strftime "%Y-%m-%d" (localtime 1000))) (dayo 'now a)))
              (pair? (answers (dayo 'now "1900-01-01")))))
      (test-equal "a day begins at midnight" '()
        (answers (dayo (today) a) (dayo (- (today) 1) a))))

    (test-group "they wait"
      (test-equal "for what is behind them" '(7)
        (answers (pluso a 2 x) (== a 5)))
      (test-equal "for one another, however they stand" '(20)
        (answers (timeso b 2 x) (>o x 5) (pluso a 3 b) (durationo 3 10 a)))
      (test-equal "and say it to what stands behind" '((40 in))
        (answers (pluso 20 20 a) (project (a) (== x (list a 'in)))))
      (test-equal "not to a choice that stands before them" '(chosen)
        (answers (conda ((== a 1) (== x 'chosen)) ((== x 'not))) (pluso 0 1 a)))
      (test-equal "not to a choice of another answer" '()
        (answers (conda ((== a 2) (== x 'chosen)) ((== x 'not))) (pluso 0 1 a)))
      (test-equal "to a negation" '(3)
        (answers (noto (== a 5)) (pluso 1 2 a) (== x a))))

    (test-group "wrong use"
      (test-equal "what is computed with is unknown"
        "(durationo 5 a x) computes with what is known, and nothing beside it says what its second \
argument, a, is; add a relation that does, such as (facto host key a)"
        (complaint (answers (durationo 5 a x))))
      (test-equal "two of three are"
        "(pluso a 5 x) computes with what is known, and nothing beside it says what its first argument, \
a, is; add a relation that does, such as (facto host key a)"
        (complaint (answers (pluso a 5 x))))
      (test-equal "said of what others wait for"
        "(pluso a 5 b) computes with what is known, and nothing beside it says what its first argument, \
a, is; add a relation that does, such as (facto host key a)"
        (complaint (answers (>o b 3) (noto (== b 1)) (pluso a 5 b))))
      (test-equal "no number" "pluso: b must be a number, not the string \"5\"; a number is written without quotation marks, 5"
        (complaint (answers (pluso 1 "5" x))))
      (test-equal "no number from elsewhere" "timeso: product must be a number, not the symbol a"
        (complaint (answers (== a 'a) (timeso x 2 a))))
      (test-equal "no time"
        "withino: from must be a time, a number of seconds or 'now, not the string \"monday\""
        (complaint (answers (withino 1 2 "monday" 3 x))))
      (test-equal "no day" "dayo: day must be a string such as \"2026-11-21\", not the number 21"
        (complaint (answers (dayo 5 21))))
      (test-equal "a wrong number of arguments"
        "pluso takes 3 arguments, (pluso a b sum); it was given 2"
        (complaint (answers (pluso 1 x))))))

  (call-with-small-herd
   (lambda (path)
     (open-herd path)
     (parameterize ((current-present small-herd-now))
       (test-equal "how long each interruption was"
         (list (list "tux01" "backup" (* 20 day)) (list "tux01" "disk /" (* 5/4 day))
               (list "tux01" "disk /" (* 2 day)) (list "tux02" "backup" day)
               (list "tux02" "backup" (* 40 day))
               (list "ærø" "backup" (* 5 day)))
         (run* (host service seconds)
           (ordero (host service seconds)
             (fresh (since until)
               (durationo since until seconds)
               (interruptiono host service since until)))))
       (test-equal "a fact of another type has no sum"
         '(("raid.ok" 2))
         (run* (key sum) (fresh (v) (facto "tux02" key v) (pluso v 1 sum) (<o sum 10))))
       (test-equal "a result that is known, in any form of a number, or as now"
         '(1 2 1)
         (list (length (run* (h s) (fresh (a b) (interruptiono h s a b) (durationo a b (* 5. day)))))
               (length (run* (h s) (fresh (a b n) (interruptiono h s a b) (durationo a b n)
                                     (conde ((== n (* 2. day))) ((== n (* 2 day)))
                                            ((durationo a 'now n))))))
               (length (run* (h s) (fresh (a b n) (interruptiono h s a b) (durationo a b n)
                                     (pluso a n 'now))))))
       (test-equal "from a time until the same, it is nothing"
         '(6 0)
         (list (length (run* (h s) (fresh (a b) (interruptiono h s a b) (durationo a a 0))))
               (length (run* (h s) (fresh (a b) (interruptiono h s a b) (durationo a a 1))))))
       (test-raises "a text that cannot be meant to be one"
         (@ (sheepdog error) question-error?)
         (run* (x) (fresh (v) (packageo "tux01" "nginx" v) (pluso v 1 x)))))
     (close-herd))))
