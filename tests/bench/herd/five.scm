;;; five.scm -- the five questions of the benchmarks: ours, and the SQL that an expert would write.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (herd five)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module (sheepdog query)
  #:use-module (srfi srfi-9)
  #:export (present five-questions question-name question-ask question-sql question-parameters
            question-answer six-goals seed-goals))

;; When the made-up herd is looked at: 2026-01-01, see herd.hh.
(define present 1767225600)

(define-record-type <question>
  (make-question name ask sql parameters answer)
  question?
  (name question-name)              ; symbol
  (ask question-ask)                ; thunk -> list of answers
  (sql question-sql)                ; string
  (parameters question-parameters)  ; of the SQL, list of numbers
  (answer question-answer))         ; vector, a row of the SQL -> the answer of ours that it is

(define (sql-of name)
  "The text of NAME.sql beside this file."
  (call-with-input-file (string-append (getenv "SHEEPDOG_SOURCE") "/tests/bench/herd/"
                                       (symbol->string name) ".sql")
    get-string-all))

(define (micros seconds) (* 1000000 seconds))
(define (seconds micros) (/ micros 1000000))
(define (before length) (micros (- present length)))

(define-syntax-rule (question (name parameter ...) row answer ask)
  (make-question 'name (lambda () ask) (sql-of 'name) (list parameter ...)
                 (match-lambda (row answer))))

(define (five-questions)
  (list
   (question (interruptions (before (days 30)))
     #(host service since) (list host service (seconds since))
     (run* (host service since)
       (fresh (memory until)
         (facto host 'host.memory memory)
         (<o memory (gibibytes 4))
         (packageo host "nginx" "1.24.0-2")
         (interruptiono host service since until)
         (>o until (ago (days 30))))))

   (question (backups (before (days 7)))
     #(host) host
     (run* (host)
       (hosto host)
       (noto (fresh (id started ended exit)
               (runo id host "backup" 'succeeded started ended exit)
               (>o ended (ago (days 7)))))))

   (question (changes (before (days 30)) (micros (days 1)))
     #(host service package version failed)
     (list host service package version (seconds failed))
     (run* (host service package version failed)
       (fresh (changed next mended day-after)
         (package-duringo host package version changed next)
         (stateo host service 'critical failed mended)
         (>o failed (ago (days 30)))
         (durationo changed day-after (days 1))
         (>=o failed changed)
         (<=o failed day-after))))

   (question (downtime (micros present))
     #(host service down) (list host service (seconds down))
     (run* (host service down)
       (limito 10
         (ordero ((> down))
           (groupo (host service) ((sumo down length)) (since until length)
             (interruptiono host service since until)
             (durationo since until length))))))

   (question (growth (before (days 7)))
     #(host) host
     (run* (host)
       (fresh (first last then now most)
         (hosto host)
         (mino first (time value)
           (sampleo host 'disk./.used time value)
           (>=o time (ago (days 7))))
         (maxo last (time value)
           (sampleo host 'disk./.used time value)
           (>=o time (ago (days 7))))
         (sampleo host 'disk./.used first then)
         (sampleo host 'disk./.used last now)
         (timeso then 1.1 most)
         (>o now most))))))

;; The goals of the first question, as they are written.
(define seed-goals
  '((facto host 'host.memory memory)
    (<o memory (gibibytes 4))
    (packageo host "nginx" "1.24.0-2")
    (interruptiono host service since until)
    (>o until (ago (days 30)))))

;; A question of six goals, whose orders have plans of their own.  No host has this nginx, so that
;; they are answered in no time, and it is the planning that is measured.
(define six-goals
  '((hosto host)
    (facto host 'host.memory memory)
    (<o memory (gibibytes 4))
    (packageo host "nginx" "1.23.0-1")
    (interruptiono host service since until)
    (>o until (ago (days 30)))))
