;;; told-herd.scm -- a store with just what a test tells, for tests of questions
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog told-herd)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query)
  #:use-module (sheepdog small-herd)
  #:use-module (sheepdog test)
  #:use-module (srfi srfi-1)
  #:export (call-with-told-herd days-ago))

;;; What is told is a list of these, times in days before small-herd-now, an UNTIL of #f is now:
;;;   (state HOST SERVICE STATUS SINCE UNTIL)   (fact HOST KEY VALUE SINCE UNTIL)
;;;   (run HOST SERVICE OUTCOME STARTED ENDED EXIT OUTPUT)   (sample HOST KEY VALUE TIME)
;;;   (event HOST SERVICE NAME TIME)   (report HOST SERVICE PLUGIN STATUS TIME)   (host HOST)

(define (days-ago n)
  "The time N days before small-herd-now, in seconds, as answers have it; #f is now."
  (if n
      (let ((seconds (/ (micros n) 1000000)))
        (if (integer? seconds) seconds (exact->inexact seconds)))
      'now))

(define (micros n)
  (and n (inexact->exact (round (* 1000000 (- small-herd-now (* day n)))))))

(define (status->number status)
  (list-index (lambda (other) (eq? status other)) '(ok warning critical unknown missing)))

(define host-id "(SELECT host_id FROM host WHERE name = ?)")
(define service-id
  (string-append "(SELECT service_id FROM service WHERE host_id = " host-id " AND name = ?)"))
(define key-id "(SELECT key_id FROM key WHERE name = ?)")

(define (insert-host host)
  (list "INSERT OR IGNORE INTO host(name) VALUES(?)" host))

(define (insert-service host service)
  (list (insert-host host)
        (list (string-append "INSERT OR IGNORE INTO service(host_id, name, plugin) VALUES(" host-id
                             ", ?, 'message')")
              host service)))

(define (insert-key key)
  (list "INSERT OR IGNORE INTO key(name) VALUES(?)" key))

(define (statements n told)
  "The SQL for TOLD, the N-th."
  (match told
    (('host host) (list (insert-host host)))
    (('state host service status since until)
     `(,@(insert-service host service)
       (,(string-append "INSERT INTO state VALUES(" service-id ", ?, ?, ?, 1, 1)")
        ,host ,service ,(micros since) ,(micros until) ,(status->number status))))
    (('fact host key value since until)
     (list (insert-host host) (insert-key key)
           (list (string-append "INSERT INTO fact VALUES(" host-id ", " key-id ", ?, ?, ?, 1)")
                 host key (micros since) (micros until) value)))
    (('run host service outcome started ended exit output)
     `(,@(insert-service host service)
       (,(string-append "INSERT INTO run(uuid, service_id, started, ended, outcome, exit, output_bytes)
 VALUES(?, " service-id ", ?, ?, ?, ?, ?)")
        ,(numbered-uuid n) ,host ,service ,(micros started) ,(micros ended)
        ,(and outcome (symbol->string outcome)) ,exit ,output)))
    (('sample host key value time)
     (list (insert-host host) (insert-key key)
           (list (string-append "INSERT INTO sample VALUES(" host-id ", " key-id ", ?, ?, ?)")
                 host key (micros time) n value)))
    (('event host service name time)
     `(,@(insert-service host service)
       (,(string-append "INSERT INTO event(service_id, time, name, data, report_id, judged)
 VALUES(" service-id ", ?, ?, '{}', 1, 1)")
        ,host ,service ,(micros time) ,name)))
    (('report host service plugin status time)
     `(,@(insert-service host service)
       (,(string-append "INSERT INTO report VALUES(?, ?, " service-id
                        ", ?, ?, ?, 0, ?, NULL, 0, 0, '', NULL)")
        ,n ,(numbered-uuid n) ,host ,service ,(micros time) ,(micros time) ,plugin
        ,(status->number status))
       (,(string-append "INSERT INTO observation VALUES(" service-id ", ?, ?, ?, 0, NULL)")
        ,host ,service ,(micros time) ,n ,(status->number status))))))

(define (call-with-told-herd told thunk)
  "Call THUNK while a new store that has just what TOLD, a list, tells is the herd, and it is
small-herd-now."
  (call-with-temporary-directory
   (lambda (directory)
     (let ((path (string-append directory "/store.db")))
       (write-store path (concatenate (map statements (iota (length told) 1) told)))
       (dynamic-wind
         (lambda () (open-herd path))
         (lambda () (parameterize ((current-present small-herd-now)) (thunk)))
         close-herd)))))
