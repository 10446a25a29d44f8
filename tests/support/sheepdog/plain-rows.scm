;;; plain-rows.scm -- what each relation has, in SQL of its own, for tests of questions
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plain-rows)
  #:use-module (ice-9 match)
  #:use-module ((sheepdog store) #:select ((select . select-rows)))
  #:use-module (srfi srfi-1)
  #:export (plain-rows plain-rows-at))

;; The arguments in their order, and the SELECT: times as the store has them, NULL as #f.
(define plain-sql
  '((hosto (host) "SELECT name FROM host")
    (facto (host key value) "SELECT (SELECT name FROM host h WHERE h.host_id = f.host_id),
 (SELECT name FROM key k WHERE k.key_id = f.key_id), value FROM fact f WHERE until IS NULL")
    (fact-duringo (host key value since until)
     "SELECT (SELECT name FROM host h WHERE h.host_id = f.host_id),
 (SELECT name FROM key k WHERE k.key_id = f.key_id), value, since, until FROM fact f")
    (packageo (host name version) "SELECT h.name, replace(k.name, 'package.', ''), value
 FROM fact f, host h, key k
 WHERE f.host_id = h.host_id AND f.key_id = k.key_id AND k.name LIKE 'package.%' AND until IS NULL")
    (package-duringo (host name version since until)
     "SELECT h.name, replace(k.name, 'package.', ''), value, since, until
 FROM fact f, host h, key k
 WHERE f.host_id = h.host_id AND f.key_id = k.key_id AND k.name LIKE 'package.%'")
    (statuso (host service status since)
     "SELECT h.name, v.name, status, since FROM state, service v, host h
 WHERE state.service_id = v.service_id AND v.host_id = h.host_id AND until IS NULL")
    (stateo (host service status since until)
     "SELECT h.name, v.name, status, since, until FROM state, service v, host h
 WHERE state.service_id = v.service_id AND v.host_id = h.host_id")
    (interruptiono (host service since until)
     "SELECT h.name, v.name, since, until FROM interruption i, service v, host h
 WHERE i.service_id = v.service_id AND v.host_id = h.host_id")
    (serviceo (host service) "SELECT h.name, v.name FROM service v, host h
 WHERE v.host_id = h.host_id")
    (incidento (host service status opened closed)
     "SELECT h.name, v.name, status, opened, closed FROM incident i, service v, host h
 WHERE i.service_id = v.service_id AND v.host_id = h.host_id")
    (expectationo (host service due grace)
     "SELECT h.name, v.name, due, grace FROM expectation e, service v, host h
 WHERE e.service_id = v.service_id AND v.host_id = h.host_id")
    (reporto (id host service time plugin status summary)
     "SELECT lower(substr(hex(uuid), 1, 8)) || '-0000-0000-0000-' ||
   lower(substr(hex(uuid), 21)), h.name, v.name, r.time, r.plugin,
   coalesce((SELECT o.status FROM observation o WHERE o.report_id = r.report_id AND NOT elsewhere),
            r.status),
   coalesce((SELECT o.summary FROM observation o WHERE o.report_id = r.report_id AND NOT elsewhere),
            r.summary)
 FROM report r, service v, host h WHERE r.service_id = v.service_id AND v.host_id = h.host_id")
    (evento (host service name time)
     "SELECT h.name, v.name, e.name, time FROM event e, service v, host h
 WHERE e.service_id = v.service_id AND v.host_id = h.host_id")
    (runo (id host service outcome started ended exit)
     "SELECT lower(substr(hex(uuid), 1, 8)) || '-0000-0000-0000-' ||
   lower(substr(hex(uuid), 21)), h.name, v.name, coalesce(outcome, 'running'), started, ended, exit
 FROM run r, service v, host h WHERE r.service_id = v.service_id AND v.host_id = h.host_id")
    (run-useo (id user-cpu system-cpu memory output)
     "SELECT lower(substr(hex(uuid), 1, 8)) || '-0000-0000-0000-' ||
   lower(substr(hex(uuid), 21)), user_cpu, system_cpu, peak_memory, output_bytes FROM run
 WHERE user_cpu IS NOT NULL OR system_cpu IS NOT NULL OR peak_memory IS NOT NULL
   OR output_bytes IS NOT NULL")
    (run-signalo (id signal) "SELECT lower(substr(hex(uuid), 1, 8)) || '-0000-0000-0000-' ||
   lower(substr(hex(uuid), 21)), signal FROM run WHERE signal > 0")
    (sampleo (host key time value) "SELECT h.name, k.name, time, value FROM sample s, host h, key k
 WHERE s.host_id = h.host_id AND s.key_id = k.key_id")))

(define (plain-rows reader relation)
  "The rows of RELATION, a symbol, that READER finds with plain SQL, lists of values as questions see
them; #f where there is no such relation."
  (match (assq-ref plain-sql relation)
    ((arguments sql)
     (map (lambda (row) (map as-asked arguments row)) (select-rows reader sql)))
    (#f #f)))

(define (as-asked argument value)
  "VALUE of plain SQL for ARGUMENT, a symbol, as questions see it."
  (match argument
    ((or 'since 'time 'started 'opened 'due 'grace 'user-cpu 'system-cpu)
     (and value (seconds value)))
    ((or 'until 'ended 'closed) (if value (seconds value) 'now))
    ('status (list-ref '(ok warning critical unknown missing) value))
    ('outcome (string->symbol value))
    ('value (if (and (real? value) (integer? value) (< (abs value) (expt 2 63))) (inexact->exact value) value))
    (_ value)))

(define (seconds micros)
  (if (zero? (modulo micros 1000000)) (/ micros 1000000) (/ micros 1000000.)))

;;; As the herd was at a moment.

(define histories
  ;; Relation of what is -> that of what was.
  '((facto . fact-duringo) (packageo . package-duringo) (statuso . stateo)))

(define (plain-rows-at reader relation moment)
  "The rows that RELATION had at MOMENT, a number of seconds, when nothing was known of what came later."
  (define (arguments relation) (car (assq-ref plain-sql relation)))
  (define (rows relation row-at)
    (filter-map (lambda (row) (row-at (map cons (arguments relation) row))) (plain-rows reader relation)))
  (define (column row name) (assq-ref row name))
  (define (with row . changes)
    (map (match-lambda
           ((name . value) (match (assq name changes) ((_ . other) other) (#f value))))
         row))
  (define (later? time) (and (real? time) (> time moment)))
  (define (with-interval row)
    (and (not (later? (column row 'since)))
         (with row (cons 'until (if (later? (column row 'until)) 'now (column row 'until))))))
  (define (with-run row)
    (and (not (later? (or (column row 'started) (column row 'ended))))
         (if (later? (column row 'ended))
             (with row '(outcome . running) '(ended . now) '(exit . #f))
             (with row))))
  (define (known-since? id)
    ;; Of a run of which it was known; what it used is told with its end.
    (match (find (lambda (run) (equal? id (first run))) (plain-rows reader 'runo))
      ((_ _ _ _ started ended _) (not (or (later? started) (later? ended))))))
  (match relation
    ((= (lambda (relation) (assq-ref histories relation)) (? symbol? history))
     (filter-map (lambda (row)
                   (and (eq? 'now (last row)) (take row (length (arguments relation)))))
                 (plain-rows-at reader history moment)))
    ((or 'fact-duringo 'package-duringo 'stateo 'interruptiono) (rows relation with-interval))
    ('runo (rows relation with-run))
    ((or 'run-useo 'run-signalo)
     (filter (lambda (row) (known-since? (car row))) (plain-rows reader relation)))
    ('hosto (plain-rows reader relation))
    ((? (lambda (relation) (assq relation plain-sql)))
     (rows relation (lambda (row) (and (not (later? (column row 'time))) (with row)))))
    (_ #f)))
