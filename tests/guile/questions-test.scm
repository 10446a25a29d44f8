;;; questions-test.scm -- each question of the library, asked where its answers are known by hand
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog query)
             (sheepdog query library)
             (sheepdog query question)
             (sheepdog test)
             (sheepdog told-herd)
             (srfi srfi-1)
             (srfi srfi-64))

(define library
  (read-library (list (string-append (getenv "SHEEPDOG_SOURCE") "/etc/questions"))))

(define asked '())

(define (answers name . arguments)
  "The answers to the question NAME with ARGUMENTS, such as \"days=7\", in the order of their text."
  (set! asked (cons name asked))
  (let ((found '()))
    (ask-question (question->forms (find-question (library-questions library) name) arguments) #f
                  (lambda (answer) (set! found (cons answer found))))
    (sort found (lambda (a b) (string<? (object->string a) (object->string b))))))

(define-syntax-rule (with-herd told test ...)
  (call-with-told-herd (quasiquote told) (lambda () test ...)))

(define GiB (gibibytes 1))

(test-suite "questions of the library"
  (test-equal "all can be read" '() (library-faults library))

  (with-herd ((fact "small" "host.memory" ,(* 4 GiB) 100 #f)
              (fact "small" "package.nginx" "1.22.1-9" 100 #f)
              (fact "large" "host.memory" ,(* 64 GiB) 100 #f)
              (fact "large" "package.nginx" "1.22.1-9" 100 #f)
              (fact "other" "host.memory" ,(* 4 GiB) 100 #f)
              (fact "other" "package.nginx" "1.18.0-6" 100 #f)
              ;; It began before the month and reached into it; it was over before; it is not over.
              (state "small" "web" ok 90 40) (state "small" "web" critical 40 29)
              (state "small" "web" ok 29 #f)
              (state "small" "raid" warning 60 50) (state "small" "raid" ok 50 #f)
              (state "small" "backup" missing 2 #f)
              (state "large" "web" critical 5 #f)
              (state "other" "web" critical 5 #f))
    (test-equal "interrupted-with-package"
      `(("small" "backup" ,(days-ago 2) now "1.22.1-9")
        ("small" "web" ,(days-ago 40) ,(days-ago 29) "1.22.1-9"))
      (answers 'interrupted-with-package "version=1.22.1-9"))
    (test-equal "interrupted-with-package, any version"
      '("1.18.0-6" "1.22.1-9" "1.22.1-9") (map last (answers 'interrupted-with-package)))
    (test-equal "interrupted-with-package, as long and as large as it is said"
      '(("large" "web") ("other" "web") ("small" "backup") ("small" "raid") ("small" "web"))
      (map (lambda (answer) (take answer 2))
           (answers 'interrupted-with-package "days=60" "memory=65G")))
    (test-equal "broken-now"
      `(("large" "web" critical ,(days-ago 5)) ("other" "web" critical ,(days-ago 5))
        ("small" "backup" missing ,(days-ago 2)))
      (answers 'broken-now)))

  (test-equal "no question is left out here" '()
    (lset-difference eq? (map question-name (library-questions library)) asked)))
