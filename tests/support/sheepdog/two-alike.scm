;;; two-alike.scm -- two machines more for the small herd, which are alike, for tests of questions
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog two-alike)
  #:use-module (ice-9 match)
  #:use-module (sheepdog small-herd)
  #:use-module (srfi srfi-1)
  #:export (two-alike))

(define GiB (expt 1024 3))

(define (into sql rows)
  (map (lambda (row) (cons sql row)) rows))

;; What is written into the store of a small herd, see write-store.
(define two-alike
  (append
   (into "INSERT INTO host(host_id, name) VALUES(?, ?)" '((4 "web01") (5 "web02")))
   (into "INSERT INTO service(service_id, host_id, name, plugin) VALUES(?, ?, ?, ?)"
         '((6 4 "web" "message") (7 4 "backup" "run") (8 5 "web" "message") (9 5 "backup" "run")
           (10 4 "disk /" "disk")))
   (into "INSERT INTO key(key_id, name) VALUES(?, ?)" '((8 "host.distribution") (9 "disk./.available")))
   (map (match-lambda
          ((service since until status)
           (list "INSERT INTO state VALUES(?, ?, ?, ?, 1, 1)"
                 service (micros since) (micros until) status)))
        '((6 80 25.5 0) (6 25.5 25 2) (6 25 3.2 0) (6 3.2 3.1 2) (6 3.1 #f 0)
          (7 80 10 0) (7 10 9.5 2) (7 9.5 #f 0)
          (8 80 25.5 0) (8 25.5 25.1 2) (8 25.1 3.2 0) (8 3.2 3.15 1) (8 3.15 1.0003 0) (8 1.0003 #f 1)
          (9 80 #f 0)
          (10 80 1 0) (10 1 #f 2)))
   (map (match-lambda
          ((host key since until value)
           (list "INSERT INTO fact VALUES(?, ?, ?, ?, ?, 1)"
                 host key (micros since) (micros until) value)))
        `((4 1 100 #f ,(* 16 GiB)) (5 1 100 #f ,(* 16 GiB))
          (4 2 100 26 "1.18.0-6") (4 2 26 #f "1.22.1-9") (5 2 80 #f "1.22.1-9")
          (4 3 80 10.2 "1:1.2.13") (4 3 10.2 #f "1:1.3") (5 3 80 #f "1:1.3")
          (4 4 100 #f "6.1.0-18") (5 4 100 #f "6.1.0-9")
          (1 8 100 #f "debian") (2 8 100 #f "debian") (3 8 100 #f "guix") (4 8 100 #f "debian")
          (5 8 100 #f "debian")))
   (map (match-lambda*
          ((n (service time plugin status))
           (list "INSERT INTO report VALUES(?, ?, ?, ?, ?, ?, 0, ?, NULL, 0, 0, ?, NULL)"
                 n (numbered-uuid n) service (micros time) (micros time) plugin status "said")))
        (iota 8 20)
        '((6 0.02 "message" 0) (7 1 "run" 0) (7 10 "run" 2) (8 3.2 "message" 1) (9 0.45 "run" 0)
          (10 1 "disk" 2) (10 1.3 "disk" 0) (6 0.03 "message" 0)))
   (map (match-lambda*
          ((n (service time status))
           (list "INSERT INTO observation VALUES(?, ?, ?, ?, 0, NULL)" service (micros time) n status)))
        (iota 8 20)
        '((6 0.02 0) (7 1 0) (7 10 2) (8 3.2 1) (9 0.45 0) (10 1 2) (10 1.3 0) (6 0.03 0)))
   (map (match-lambda*
          ((n (service started ended outcome exit output))
           (list "INSERT INTO run(uuid, service_id, started, ended, outcome, exit, user_cpu, output_bytes)
 VALUES(?, ?, ?, ?, ?, ?, 1500000, ?)"
                 (numbered-uuid n) service (micros started) (micros ended) outcome exit output)))
        (iota 11 150)
        '((7 10.1 10 "failed" 1 300) (7 8.1 8 "succeeded" 0 100) (7 7.05 7 "succeeded" 0 100)
          (7 6.05 6 "succeeded" 0 120) (7 1.3 1 "succeeded" 0 0) (9 3.05 3 "succeeded" 0 5)
          (9 0.5 0.45 "succeeded" 0 5)
          (6 2.304 2.303 "failed" 1 0) (6 2.303 2.302 "failed" 1 0) (6 2.302 2.301 "failed" 2 0)
          (6 2.301 2.3 "failed" 139 0)))
   (map (match-lambda*
          ((n (host time value))
           (list "INSERT INTO sample VALUES(?, 9, ?, ?, ?)" host (micros time) n value)))
        (iota 6 30)
        '((4 8 1000) (4 7.1 950) (4 0.5 700) (5 8 500) (5 7.1 500) (5 0.5 490)))
   (map (match-lambda
          ((service time name)
           (list "INSERT INTO event(service_id, time, name, data, report_id, judged) VALUES(?, ?, ?, '{}', 1, 1)"
                 service (micros time) name)))
        '((6 1.01 "reboot") (6 0.4 "inform")))))
