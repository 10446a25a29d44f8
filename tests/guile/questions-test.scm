;;; questions-test.scm -- each question of the library, asked where its answers are known by hand
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog query)
             (sheepdog query asking library)
             (sheepdog query asking question)
             (sheepdog test)
             (sheepdog told-herd)
             (srfi srfi-1)
             (srfi srfi-64))

(define library
  (read-library (list (string-append (getenv "SHEEPDOG_SOURCE") "/etc/questions"))))

(setenv "TZ" "UTC")

(define asked '())

(define (in-order name . arguments)
  "The answers to the question NAME with ARGUMENTS, such as \"days=7\"; times that are whole are exact."
  (define (exact-where-whole x)
    (cond ((pair? x) (map exact-where-whole x))
          ((and (real? x) (integer? x)) (inexact->exact x))
          ((and (real? x) (inexact? x)) (/ (round (* x 1000000)) 1000000))
          (else x)))
  (set! asked (cons name asked))
  (let ((found '()))
    (ask-question (question->forms (find-question (library-questions library) name) arguments) #f
                  (lambda (answer) (set! found (cons (exact-where-whole answer) found))))
    (reverse found)))

(define (answers name . arguments)
  "The same in the order of their text."
  (sort (apply in-order name arguments)
        (lambda (a b) (string<? (object->string a) (object->string b)))))

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

  (with-herd ((state "a" "web" critical 1 #f) (state "a" "db" warning ,(+ 1 (/ 30 86400)) 0.5)
              (state "a" "db" ok 0.5 #f)
              (state "b" "web" critical ,(+ 1 (/ 120 86400)) #f))
    (test-equal "broken-together"
      `(("a" "web" ,(days-ago 1) "a" "db" ,(days-ago (+ 1 (/ 30 86400)))))
      (answers 'broken-together))
    (test-equal "broken-together, within two minutes, each of two that are"
      '(("a" "web" "a" "db") ("a" "web" "b" "web") ("b" "web" "a" "db") ("b" "web" "a" "web"))
      (map (match-lambda ((host service _ other name _) (list host service other name)))
           (answers 'broken-together "within=2m"))))

  (with-herd ((state "a" "always" ok 900 #f)
              (state "a" "before" critical 500 400) (state "a" "before" ok 400 #f)
              (state "a" "into" critical 500 300) (state "a" "into" ok 300 #f)
              (state "a" "now" missing 10 #f))
    (test-equal "never-interrupted" '(("a" "always") ("a" "before")) (answers 'never-interrupted))
    (test-equal "never-interrupted, since a date"
      '(("a" "always") ("a" "before") ("a" "into"))
      (answers 'never-interrupted "since=100d")))

  (with-herd (;; 2 days of the quarter, of the first one only the part in it, in three times
              (state "a" "web" critical 91 89) (state "a" "web" ok 89 80)
              (state "a" "web" warning 80 79.5) (state "a" "web" missing 79.5 79.25)
              (state "a" "web" ok 79.25 0.25) (state "a" "web" critical 0.25 #f)
              (state "b" "web" critical 5 2) (state "b" "web" ok 2 #f)
              (state "c" "web" critical 100 95) (state "c" "web" ok 95 #f))
    (test-equal "longest-down"
      `(("b" "web" ,(days 3) 1) ("a" "web" ,(days 2) 3))
      (in-order 'longest-down))
    (test-equal "longest-down, the first alone" '("b")
      (map first (in-order 'longest-down "top=1")))
    (test-equal "longest-down, for long" '("c")
      (map first (in-order 'longest-down "days=1000" "top=1"))))

  (with-herd (,@(append-map
                 (match-lambda
                   ((host service . times)
                    (append-map (match-lambda
                                  ((since until) `((state ,host ,service critical ,since ,until)
                                                   (state ,host ,service ok ,until ,(- until 0.5)))))
                                times)))
                 '(("a" "db" (30 29) (20 19) (10 9))
                   ("a" "web" (29.9995 28.5) (20 18) (9.9995 8.5))
                   ;; once more, alone
                   ("b" "web" (30 29) (20 19) (10 9) (5 4))
                   ;; too seldom
                   ("c" "web" (30 29) (20 19)))))
    (test-equal "fail-together" '(("a" "db" "a" "web" 3)) (answers 'fail-together))
    (test-equal "fail-together, those that failed twice" '(("a" "db" "a" "web" 3))
      (answers 'fail-together "times=2"))
    (test-equal "fail-together, at the very same time" '() (answers 'fail-together "within=1s"))
    (test-equal "fail-together, lately" '(("a" "db" "a" "web" 1))
      (answers 'fail-together "times=1" "days=15")))

  (with-herd (;; of 10 days 8 are known, of these 6 are ok
              (state "a" "web" ok 20 4) (state "a" "web" critical 4 2) (state "a" "web" missing 2 #f)
              (state "b" "web" ok 20 #f) (state "b" "db" critical 20 #f)
              (state "c" "web" unknown 20 #f))
    (test-equal "availability" '(("a" 75 80) ("b" 100 100))
      (answers 'availability "service=web" "days=10")))

  (with-herd ((fact "a" "package.nginx" "1" 100 1.5) (fact "a" "package.nginx" "2" 1.5 #f)
              (fact "a" "package.old" "1" 100 10) (fact "a" "package.old" "2" 10 #f)
              (fact "b" "package.nginx" "2" 1.5 #f)
              (state "a" "web" ok 100 1) (state "a" "web" critical 1 #f)
              (state "b" "web" ok 100 1) (state "b" "web" critical 1 #f))
    (test-equal "failed-after-upgrade"
      `(("a" "web" ,(days-ago 1) "nginx" "1" "2" ,(days-ago 1.5)))
      (answers 'failed-after-upgrade))
    (test-equal "failed-after-upgrade, too long after" '() (answers 'failed-after-upgrade "within=11h"))
    (test-equal "failed-after-upgrade, long after" '("nginx" "old")
      (map fourth (answers 'failed-after-upgrade "within=9d"))))

  (with-herd ((fact "a" "host.kernel" "6.1.0-9" 9 #f) (fact "a" "host.distribution" "debian" 9 #f)
              (fact "b" "host.kernel" "6.1.0-18" 9 #f) (fact "b" "host.distribution" "debian" 9 #f)
              (fact "c" "host.kernel" "6.1.0-18" 9 #f) (fact "c" "host.distribution" "debian" 9 #f)
              (fact "d" "host.kernel" "5.10" 9 #f) (fact "d" "host.distribution" "guix" 9 #f))
    (test-equal "kernels-behind" '(("a" "6.1.0-9" "debian")) (answers 'kernels-behind)))

  (with-herd (,@(append-map (lambda (host)
                              `((fact ,host "package.nginx" "1" 9 #f) (fact ,host "package.zlib" "2" 9 #f)
                                (state ,host "web" ok 9 1)))
                            '("broken" "alike" "also-broken" "more" "less"))
              (state "broken" "web" critical 1 #f) (state "also-broken" "db" critical 1 #f)
              (fact "more" "package.curl" "1" 9 #f)
              (fact "other" "package.nginx" "2" 9 #f) (fact "other" "package.zlib" "2" 9 #f)
              (host "empty"))
    (test-equal "alike-but-failing"
      '(("also-broken" "alike") ("also-broken" "less") ("broken" "alike") ("broken" "less"))
      (answers 'alike-but-failing)))

  (with-herd ((run "good" "backup" succeeded 2.1 2 0 5) (run "good" "backup" succeeded 9.1 9 0 5)
              (run "old" "home-backup" succeeded 8.1 8 0 5) (run "old" "home-backup" failed 1.1 1 2 5)
              (run "old" "home-backup" succeeded 20.1 20 0 5)
              (run "failing" "backup" failed 1.1 1 2 5) (run "other" "job" succeeded 1.1 1 0 5))
    (test-equal "backups-missing"
      `(("failing" never) ("old" ,(days-ago 8)) ("other" never)) (answers 'backups-missing))
    (test-equal "backups-missing, for longer and by another name"
      '(("failing" never) ("good" never) ("old" never))
      (answers 'backups-missing "service=job" "days=30")))

  (with-herd ((run "a" "backup" succeeded 0.3 0.2 0 5) (run "a" "backup" failed 0.6 0.5 2 5)
              (run "a" "backup" failed 2.5 2 1 5)
              (run "b" "job" timed-out 1.4 0.4 #f 5) (run "b" "job" vanished 0.9 0.8 #f 5)
              (run "b" "job" cancelled 0.95 0.9 #f 5) (run "b" "job" #f 0.25 #f #f 5)
              (run "b" "old" succeeded 20 8 0 5) (run "b" "long" succeeded 9 6.5 0 5))
    (test-equal "failed-lately, the last one first"
      `(("b" "job" timed-out #f ,(days-ago 0.4)) ("a" "backup" failed 2 ,(days-ago 0.5))
        ("b" "job" vanished #f ,(days-ago 0.8)) ("b" "job" cancelled #f ,(days-ago 0.9)))
      (in-order 'failed-lately))
    (test-equal "failed-lately, longer ago" '(#f 2 #f #f 1)
      (map fourth (in-order 'failed-lately "days=3")))
    (test-equal "longest-runs, with one that lasts"
      `(("b" "long" succeeded ,(days-ago 9) ,(days 5/2)) ("b" "job" timed-out ,(days-ago 1.4) ,(days 1))
        ("a" "backup" failed ,(days-ago 2.5) ,(days 1/2)) ("b" "job" running ,(days-ago 0.25) ,(days 1/4)))
      (in-order 'longest-runs "top=4"))
    (test-equal "longest-runs, the first of longer ago" `(("b" "old" ,(days 12)))
      (map (match-lambda ((host service _ _ took) (list host service took)))
           (in-order 'longest-runs "days=9" "top=1"))))

  (with-herd (,@(map (lambda (day) `(run "a" "slow" succeeded ,(+ day 0.25) ,day 0 100)) '(5 4 3))
              (run "a" "slow" succeeded 1.5 1 0 0)
              ,@(map (lambda (day) `(run "a" "even" succeeded ,(+ day 0.25) ,day 0 0)) '(5 4 3 2))
              ;; It was slow once, and is not now; one that failed says nothing.
              (run "b" "was" succeeded 6 5 0 1) (run "b" "was" succeeded 4.25 4 0 1)
              (run "b" "was" succeeded 3.25 3 0 1) (run "b" "was" failed 2 1 1 1))
    (test-equal "jobs-slow"
      `(("a" "slow" ,(days-ago 1.5) ,(days 1/2) ,(days 1/4))) (answers 'jobs-slow))
    (test-equal "jobs-slow, three times" '() (answers 'jobs-slow "factor=3"))
    (test-equal "runs-without-output"
      `(("a" "slow" ,(days-ago 1.5) 100)) (answers 'runs-without-output)))

  (with-herd (,@(map (lambda (n exit) `(run "a" "worker" failed ,(+ 1 (/ n 100)) ,(+ 1 (/ n 101)) ,exit 1))
                     '(1 2 3 4 5) '(1 1 1 2 #f))
              (run "a" "worker" failed 5 4.9 1 1)
              ,@(map (lambda (n) `(run "a" "job" succeeded ,(+ 1 (/ n 100)) ,(+ 1 (/ n 101)) 0 1))
                     '(1 2 3)))
    (test-equal "restarted-often"
      '(("a" "worker" "2026-11-20" #f 1) ("a" "worker" "2026-11-20" 1 3) ("a" "worker" "2026-11-20" 2 1))
      (answers 'restarted-often)))

  (with-herd ((fact "a" "disk./.size" 1000 9 #f) (fact "a" "disk./srv.size" 1000 9 #f)
              (fact "b" "disk./.size" 1000 9 #f) (fact "b" "disk./home.size" 1000 9 #f)
              (fact "b" "disk./full.size" 1000 9 #f)
              ;; The newest counts; what is used does not, nor a disk that is gone.
              (sample "a" "disk./.available" 500 2) (sample "a" "disk./.available" 99 1)
              (sample "a" "disk./srv.available" 50 2) (sample "a" "disk./srv.available" 500 1)
              (sample "b" "disk./.available" 100 1) (sample "b" "disk./.used" 10 1)
              (sample "b" "disk./home.available" 150 1) (sample "b" "disk./full.available" 0 3)
              (fact "b" "disk./gone.size" 1000 9 2) (sample "b" "disk./gone.available" 1 3))
    (test-equal "disks-low, the fullest first"
      `(("b" "disk./full.available" 0 0 ,(days-ago 3)) ("a" "disk./.available" 9.9 99 ,(days-ago 1)))
      (in-order 'disks-low))
    (test-equal "disks-low, by another share"
      '("disk./full.available" "disk./.available" "disk./.available" "disk./home.available")
      (map second (in-order 'disks-low "percent=20"))))

  (with-herd (;; In 7 days from 80 to 10: 1 day is left of it.  From 700 to 699: 4893 days.  It grows.
              ,@(append-map (match-lambda
                              ((key before now)
                               `((sample "a" ,key ,before 7.5) (sample "a" ,key ,now 0.5))))
                            '(("disk./.available" 80 10) ("disk./srv.available" 700 699)
                              ("disk./home.available" 5 90) ("disk./.used" 80 10)))
              (sample "a" "disk./.available" 20 8.5))
    (test-equal "disks-filling" '(("a" "disk./.available" 1)) (answers 'disks-filling))
    (test-equal "disks-filling, within hours" '() (answers 'disks-filling "within=12h")))

  (with-herd ((state "a" "job" ok 100 20) (state "a" "job" critical 20 19) (state "a" "job" ok 19 5)
              (state "a" "job" critical 5 #f)
              (sample "a" "disk./.available" 100 27) (sample "a" "disk./.available" 7 20.01)
              (sample "a" "disk./srv.available" 50 27) (sample "a" "disk./srv.available" 60 20.01)
              (sample "b" "disk./.available" 100 27) (sample "b" "disk./.available" 7 20.01))
    (test-equal "disk-before-failure"
      `((,(days-ago 20) "disk./.available" 100 7))
      (answers 'disk-before-failure "host=a" "service=job")))

  (with-herd ((report "a" "web" "nginx" ok 0.01) (report "a" "web" "nginx" ok 2)
              (report "b" "web" "nginx" ok 1) (report "b" "job" "run" critical 3)
              (state "b" "web" missing 0.5 #f) (state "b" "job" critical 3 #f))
    (test-equal "silent-hosts, when another one speaks"
      `(("b" ,(days-ago 1) them)) (answers 'silent-hosts))
    (test-equal "silent-hosts, when none does"
      `(("a" ,(days-ago 0.01) us) ("b" ,(days-ago 1) us)) (answers 'silent-hosts "within=1m"))
    (test-equal "reports-per-day"
      '(("nginx" "2026-11-19" 1) ("nginx" "2026-11-20" 1) ("nginx" "2026-11-21" 1) ("run" "2026-11-18" 1))
      (answers 'reports-per-day))
    (test-equal "useless-reports" '(("nginx" 3)) (answers 'useless-reports)))

  (with-herd ((event "a" "host" "reboot" 0.5) (event "b" "host" "reboot" 5)
              (state "a" "lost" ok 9 0.4) (state "a" "lost" missing 0.4 0.2) (state "a" "lost" critical 0.2 #f)
              (state "a" "back" ok 9 0.4) (state "a" "back" critical 0.4 0.3) (state "a" "back" ok 0.3 #f)
              (state "a" "before" critical 1 #f)
              (state "b" "lost" ok 9 0.4) (state "b" "lost" critical 0.4 #f))
    (test-equal "not-back-after-reboot"
      `(("a" ,(days-ago 0.5) "lost" ,(days-ago 0.4))) (answers 'not-back-after-reboot)))

  (with-herd ((state "a" "job" ok 100 2) (state "a" "job" critical 2 #f)
              (report "a" "job" "run" ok 5) (report "a" "job" "run" ok 3) (report "a" "job" "run" critical 2)
              (fact "a" "host.kernel" "1" 9 4) (fact "a" "host.kernel" "2" 4 #f)
              (fact "a" "package.zlib" "1" 9 2.5) (fact "a" "package.zlib" "2" 2.5 #f)
              (fact "a" "package.curl" "1" 9 1) (fact "a" "package.curl" "2" 1 #f)
              (fact "b" "package.zlib" "1" 9 2.5) (fact "b" "package.zlib" "2" 2.5 #f))
    (test-equal "changed-before-failure"
      `(("package.zlib" "1" "2" ,(days-ago 2.5)))
      (answers 'changed-before-failure "host=a" "service=job")))

  (with-herd (,@(append-map (lambda (host zone) `((fact ,host "zone" ,zone 9 #f)
                                                  (fact ,host "name" ,host 9 #f)
                                                  (fact ,host "all" 1 9 #f)))
                            '("a" "b" "c") '("UTC" "CET" "UTC")))
    (test-equal "facts-shared-but-one" '(("b" "zone" "CET" "UTC")) (answers 'facts-shared-but-one)))

  (test-equal "no question is left out here" '()
    (lset-difference eq? (map question-name (library-questions library)) asked)))
