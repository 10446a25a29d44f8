;;; small-herd.scm -- a small store with something of everything, for tests of questions
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog small-herd)
  #:use-module (ice-9 match)
  #:use-module (rnrs bytevectors)
  #:use-module (sheepdog core)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:use-module (sheepdog test)
  #:export (call-with-small-herd small-herd-now write-store numbered-uuid day micros))

;; The present time of the store, in seconds.
(define small-herd-now 1795266185)
(define day 86400)

(define (micros days-ago)
  "DAYS-AGO, as the store has the time; #f, now, stays."
  (and days-ago
       (inexact->exact (round (* 1000000 (- small-herd-now (* day days-ago)))))))

(define (numbered-uuid n)
  "The bytes of a UUID that ends in N."
  (let ((bytes (make-bytevector 16 0)))
    (bytevector-u8-set! bytes 0 #xab)
    (bytevector-u8-set! bytes 15 n)
    bytes))

(define hosts '((1 "tux01") (2 "tux02") (3 "ærø")))

(define services
  '((1 1 "backup" "run") (2 1 "disk /" "disk") (3 2 "backup" "run") (4 2 "web" "message")
    (5 3 "backup" "run")))

(define keys
  '((1 "host.memory") (2 "package.nginx") (3 "package.zlib") (4 "host.kernel") (5 "load.1")
    (6 "packaged.by") (7 "raid.ok")))

(define states
  ;; service, since and until in days ago, status
  '((1 100 40 0)
    (1 40 20 2)       ; began before the month, reaches into it
    (1 20 #f 0)
    (2 90 10.25 0) (2 10.25 10.000001 1) (2 10.000001 9 2) (2 9 2 0) (2 2 #f 3)
    (3 100 60 2) (3 60 5 0) (3 5 4 2) (3 4 #f 0)
    (4 100 #f 0)
    (5 50 45 2) (5 45 #f 0)))

(define facts
  ;; host, key, since and until in days ago, value
  `((1 1 100 #f ,(* 32 (expt 1024 3)))
    (2 1 100 50 ,(* 32 (expt 1024 3))) (2 1 50 #f ,(* 128 (expt 1024 3)))
    (3 1 100 #f ,(* 16 (expt 1024 3)))
    (1 2 100 30 "1.18.0-6") (1 2 30 #f "1.22.1-9")
    (2 2 100 3 "1.22.1-9")                 ; uninstalled three days ago
    (3 2 100 #f "1.22.1-9")
    (1 3 100 #f "1:1.2.13") (3 3 80.5 #f "1:1.2.13")
    (1 4 100 #f "6.1.0-18") (2 4 100 #f "6.1.0-21")
    (1 6 100 #f "hand") (2 7 100 #f 1) (3 7 100 90 0) (3 7 90 #f 0.5)))

(define reports
  ;; service, days ago, status as sent, as understood or #f, summary, of the observation or #f
  '((1 40 0 2 "exit 12" #f) (1 20 0 0 "exit 0" "done") (3 5 2 2 "exit 1" #f)
    (4 100 0 #f "hello, \"world\"" #f) (5 50 1 2 "slow" #f)))

(define runs
  ;; service, started, ended, outcome, exit
  '((1 40.5 40 "failed" 12) (1 20.1 20 "succeeded" 0) (3 5.01 5 "timed-out" #f) (3 4 #f #f #f)
    (5 #f 45 "vanished" #f)))

;; Of the runs in their order: CPU in microseconds, of the program and of the kernel for it, memory,
;; output, signal.
(define uses
  '((1500000 250001 1048576 7 #f) (0 0 4096 0 #f) (#f 3000000 #f #f 9) (#f #f #f #f #f)
    (#f #f #f #f 15)))

(define samples '((1 5 1 0.25) (1 5 0.5 1) (2 5 0.5 3.5) (1 1 0.5 17)))

(define events '((1 12.5 "reboot") (1 3 "reboot") (4 3 "inform")))

(define incidents
  ;; service, opened, closed, status
  '((1 40 20 2) (2 10.25 9 2) (2 2 #f 3) (3 60 5 2)))

(define expectations
  ;; service, days ago of when it is due, grace in seconds
  '((1 2 3600) (5 -1 0.5)))

(define (statements)
  `(,@(map (lambda (row) (cons "INSERT INTO host(host_id, name) VALUES(?, ?)" row)) hosts)
    ,@(map (lambda (row)
             (cons "INSERT INTO service(service_id, host_id, name, plugin) VALUES(?, ?, ?, ?)" row))
           services)
    ,@(map (lambda (row) (cons "INSERT INTO key(key_id, name) VALUES(?, ?)" row)) keys)
    ,@(map (match-lambda
             ((service since until status)
              (list "INSERT INTO state VALUES(?, ?, ?, ?, 1, 1)"
                    service (micros since) (micros until) status)))
           states)
    ,@(map (match-lambda
             ((host key since until value)
              (list "INSERT INTO fact VALUES(?, ?, ?, ?, ?, 1)"
                    host key (micros since) (micros until) value)))
           facts)
    ,@(map (match-lambda*
             ((n (service time sent status summary other))
              (list "INSERT INTO report VALUES(?, ?, ?, ?, ?, 'run', 0, ?, NULL, 0, 0, ?, NULL)"
                    n (numbered-uuid n) service (micros time) (micros time) sent summary)))
           (iota (length reports) 1) reports)
    ,@(map (match-lambda*
             ((n (service time sent status summary other))
              (list "INSERT INTO observation VALUES(?, ?, ?, ?, 0, ?)"
                    service (micros time) n status other)))
           (iota (length reports) 1) reports)
    ;; A report may speak of other services than its own.
    ("INSERT INTO observation VALUES(4, ?, 1, 0, 1, 'elsewhere')" ,(micros 40))
    ,@(map (match-lambda*
             ((n (service started ended outcome exit) use)
              (cons* "INSERT INTO run(uuid, service_id, started, ended, outcome, exit,
 user_cpu, system_cpu, peak_memory, output_bytes, signal) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                     (numbered-uuid (+ 100 n)) service (micros started) (micros ended) outcome exit
                     use)))
           (iota (length runs)) runs uses)
    ,@(map (match-lambda*
             ((n (host key time value))
              (list "INSERT INTO sample VALUES(?, ?, ?, ?, ?)" host key (micros time) n value)))
           (iota (length samples)) samples)
    ,@(map (match-lambda
             ((service time name)
              (list "INSERT INTO event(service_id, time, name, data, report_id, judged)
 VALUES(?, ?, ?, '{}', 1, 1)"
                    service (micros time) name)))
           events)
    ,@(map (match-lambda
             ((service opened closed status)
              (list "INSERT INTO incident(service_id, opened, closed, status) VALUES(?, ?, ?, ?)"
                    service (micros opened) (micros closed) status)))
           incidents)
    ,@(map (match-lambda
             ((service due grace)
              (list "INSERT INTO expectation VALUES(?, ?, ?, ?, 1)"
                    service (micros due) (inexact->exact (* grace 1000000)) (micros 50))))
           expectations)))

;; What the writer would have made of the states.
(define interruptions
  '(("DELETE FROM interruption")
    ("INSERT INTO interruption
SELECT s.service_id, s.since,
       (SELECT n.since FROM state n
         WHERE n.service_id = s.service_id AND n.since > s.since AND n.status = 0
         ORDER BY n.since LIMIT 1),
       s.report_id
  FROM state s
 WHERE s.status <> 0
   AND coalesce((SELECT p.status FROM state p
                  WHERE p.service_id = s.service_id AND p.since < s.since
                  ORDER BY p.since DESC LIMIT 1), 0) = 0")))

(define (write-store path statements)
  "Make the store at PATH, or open it, and run STATEMENTS, see store-transact!; the interruptions follow
from the states that it has then."
  (let ((store (open-store path)))
    (run-task (lambda () (store-transact! store (append statements interruptions))))
    (%store-close store)))

(define (call-with-small-herd proc)
  "Call PROC with the path of a new store, which is removed afterwards: three hosts, tux01, tux02 and
ærø, with services, facts, packages, reports, runs, samples and events of the last 100 days."
  (call-with-temporary-directory
   (lambda (directory)
     (let ((path (string-append directory "/store.db")))
       (write-store path (statements))
       (proc path)))))
