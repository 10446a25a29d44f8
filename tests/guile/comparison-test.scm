;;; comparison-test.scm -- comparisons of numbers, texts, times and versions, beside relations
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog query)
             (sheepdog question-error)
             (sheepdog small-herd)
             ((sheepdog store) #:hide (select))
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define gib (gibibytes 1))

(test-suite "comparisons"
  (call-with-small-herd
   (lambda (path)
     (open-herd path)
     (parameterize ((current-present small-herd-now))
       (test-group "what holds, and what is wrong"
         (test-equal "numbers and strings"
           '(#t #t #t #t #t)
           (append (run* (q) (<o 1 2) (<=o 2 2) (>o 3 2) (>=o 2 2.0) (== q #t))
                   (run* (q) (<o "a" "b") (>=o "ø" "z") (== q #t))
                   (run* (q) (betweeno 2 2 3) (betweeno "b" "a" "c") (== q #t))
                   (run* (q) (matcheso "web-01" "web-[0-9]?") (== q #t))
                   (run* (q) (>o 'now (ago 1)) (== q #t))))
         (test-equal "now and a number, beside a relation"
           '(() ("tux01"))
           (list (run* (h) (== h "tux01") (hosto h) (<o 'now (ago 1)))
                 (run* (h) (== h "tux01") (hosto h) (<o (ago 1) 'now))))
         (test-equal "what does not hold"
           '()
           (append (run* (q) (<o 2 2)) (run* (q) (>o 2 2)) (run* (q) (betweeno 4 2 3))
                   (run* (q) (matcheso "web-x1" "web-[0-9]?")) (run* (q) (<o 'now (ago 1)))))
         (test-equal "a part of a text"
           '(#t #t)
           (append (run* (q) (containso "disk full: /" "full") (== q #t))
                   (run* (q) (containso "a" "") (== q #t))))
         (test-equal "no part of it, nor of a number"
           '() (append (run* (q) (containso "full" "Full")) (run* (q) (containso 5 "5"))))
         (test-equal "versions in Debian's order, and in that of Guix"
           '((#t) (#t) () (#t))
           (list (run* (q) (version<o "1.9-1" "1.10-1") (== q #t))
                 (run* (q) (version<o "1.0~rc1-1" "1.0-1") (== q #t))
                 (run* (q) (version<o "1.0" "1.0-0"))
                 (run* (q) (guix-version<o "1.9" "1.10") (== q #t))))
         (test-equal "hosts with an nginx that is older than another's"
           '() (run* (host) (fresh (v) (packageo host "nginx" v) (version<o v "1.22.1-9"))))
         (test-assert "today began at a midnight, less than a day and an hour ago"
           (and (= 0 (tm:hour (localtime (today))) (tm:min (localtime (today))))
                (< -1 (- small-herd-now (today)) (* 25 3600))))
         (test-equal "also on the day on which summer ended"
           1792879200                   ; 2026-10-25 00:00 +0200, asked at 12:00 +0100
           (let ((zone (getenv "TZ")))
             (dynamic-wind
               (lambda () (setenv "TZ" "CET-1CEST,M3.5.0,M10.5.0/3"))
               (lambda () (parameterize ((current-present 1792926000)) (today)))
               (lambda () (if zone (setenv "TZ" zone) (unsetenv "TZ"))))))
         (test-equal "intervals that share a moment"
           '(#t #t #t #t)
           (append (run* (q) (overlapso 1 5 4 9) (== q #t))
                   (run* (q) (overlapso 4 9 1 5) (== q #t))
                   (run* (q) (overlapso 1 9 4 5) (== q #t))
                   (run* (q) (overlapso (ago 5) 'now (ago 1) 'now) (== q #t))))
         (test-equal "and those that share none: the ends do not belong to them"
           '()
           (append (run* (q) (overlapso 1 4 4 9)) (run* (q) (overlapso 4 9 1 4))
                   (run* (q) (overlapso 1 2 5 6)) (run* (q) (overlapso 1 2 'now 'now))))
         (test-equal "what was critical while another service was"
           '(("tux01" "backup" "tux02" "web") ("tux01" "disk /" "tux02" "web"))
           (run* (h1 s1 h2 s2)
             (fresh (a b c d)
               (stateo h1 s1 'critical a b) (stateo h2 s2 'ok c d)
               (== s2 "web")
               (overlapso a b c d)
               (<o h1 h2))))
         (test-equal "they wait, through a fresh around the others"
           '(3 4)
           (run* (n) (>o n 2) (<o n 5)
             (fresh () (conde ((== n 1)) ((== n 3)) ((== n 4)) ((== n 6))))))
         (test-equal "in a relation of one's own"
           '("tux01" "ærø")
           (let ()
             (defrel (smallo host)
               (fresh (memory) (<o memory (* 64 gib)) (facto host 'host.memory memory)))
             (sort (run* (host) (smallo host)) string<?)))
         (test-equal "in a choice behind what they wait for, as all that is late"
           '(("tux01" "tux02" "ærø") ("tux02" "ærø") ("tux01") ("tux01"))
           (map (lambda (hosts) (sort hosts string<?))
                (list (run* (host)
                        (fresh (m) (facto host 'host.memory m) (conde ((>o m 5)) ((<o m 1)))))
                      (run* (host) (hosto host) (conde ((== host 5)) ((noto (== host "tux01")))))
                      (run* (host) (hosto host) (conde ((== host 5)) ((someo (== host "tux01")))))
                      (run* (host)
                        (hosto host)
                        (conde ((conda ((== host "tux01")) (fail))))))))
         (test-equal "a goal that never ends is no matter where a comparison fails before it"
           '()
           (let ()
             (defrel (nevero) (fresh () (nevero)))
             (run* (q) (== q 1) (nevero) (<o q 0))))
         (test-equal "an exit status that there is none is in no order"
           2 (length (run* (id) (fresh (h s o b e x) (runo id h s o b e x) (>=o x 0)))))
         (test-raises "never known: says which argument"
           (question-error-saying "<o" "first argument" "5")
           (run* (n) (fresh (m) (<o m 5))))
         (test-raises "also where others are found"
           (question-error-saying "betweeno" "third argument" "high")
           (run* (host) (fresh (high v) (facto host 'host.memory v) (betweeno v 0 high))))
         (test-raises "a number with a string"
           (question-error-saying "<o" "number 5" "string \"1.22.1-9\"")
           (run* (host) (fresh (v) (packageo host "nginx" v) (<o v 5))))
         (test-raises "no order of symbols"
           (question-error-saying ">o" "warning")
           (run* (s) (fresh (h v t) (statuso h v s t) (>o s 'warning))))
         (test-raises "a status from the store is in no order either"
           (question-error-saying ">o" "number 3" "compared with")
           (run* (s) (fresh (h v t) (statuso h v s t) (>o s 3))))
         (test-raises "a pattern that is none"
           (question-error-saying "matcheso" "pattern" "7")
           (run* (h) (hosto h) (matcheso h 7)))
         (test-raises "no version"
           (question-error-saying "version<o: b must be a string such as \"1.22.1-9\", not the number 5")
           (run* (host) (fresh (v) (packageo host "nginx" v) (version<o v 5))))
         (test-raises "no part of a text"
           (question-error-saying "containso: part must be a string such as \"error\", not the number 5")
           (run* (host) (hosto host) (containso host 5)))
         (test-raises "no interval"
           (question-error-saying "overlapso: from must be a time, a number of seconds or 'now, not the \
string \"a\"")
           (run* (q) (overlapso 1 2 "a" 3)))
         (test-raises "the wrong number of arguments"
           (question-error-saying "<o takes 2 arguments, (<o a b)" "3")
           (run* (q) (<o 1 2 3))))

       (test-group "patterns are SQLite's"
         (let ((reader (open-reader path)))
           (test-equal "each text with each pattern"
             '()
             (let ((patterns '("" "*" "?" "a*" "*a" "*a*" "a?c" "[abc]*" "[^a]*" "[a-c]x" "[]]" "[^]]"
                               "[a" "a[" "**b" "*b*c" "[a-]" "[-a]" "\\*" "?*?" "web-[0-9]?" "æ?å"
                               "[c-a]" "*.*" "a**c"))
                   (texts '("" "a" "b" "c" "]" "[" "-" "*" "\\*" "ax" "abc" "abbc" "aXbYc" "web-01"
                            "web-x1" "æøå" "a.b" "ac")))
               (append-map
                (lambda (pattern)
                  (filter-map
                   (lambda (text)
                     (and (not (eqv? (car (select-one reader "SELECT ? GLOB ?" text pattern))
                                     (length (run* (q) (matcheso text pattern)))))
                          (list text pattern)))
                   texts))
                patterns)))
           (close-reader reader))))
     (close-herd))))
