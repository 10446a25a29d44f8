;;; sql-by-hand.scm -- tests that a question is answered as SQL that was written by hand answers it
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog sql-by-hand)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query waiting)
  #:use-module (sheepdog small-herd)
  #:use-module ((sheepdog store) #:select ((select . select-rows)))
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-64)
  #:export (test-sql test-sql-in-order))

;; What each SELECT may name beside the tables: NOW and DAY are in microseconds.
(define with
  "WITH v AS (SELECT service_id, h.name AS host, s.name AS service FROM service s JOIN host h USING(host_id)),
 f AS (SELECT h.name AS host, k.name AS key, value, since, until
         FROM fact JOIN host h USING(host_id) JOIN key k USING(key_id)),
 st AS (SELECT host, service, status, since, until FROM state JOIN v USING(service_id)),
 it AS (SELECT host, service, since, until FROM interruption JOIN v USING(service_id)),
 rn AS (SELECT run_id, host, service, outcome, started, ended, exit, output_bytes AS output, user_cpu, signal,
               coalesce(user_cpu, system_cpu, peak_memory, output_bytes) IS NOT NULL AS measured
          FROM run JOIN v USING(service_id)),
 ev AS (SELECT host, service, e.name, time FROM event e JOIN v USING(service_id)),
 sa AS (SELECT h.name AS host, k.name AS key, time, value
          FROM sample JOIN host h USING(host_id) JOIN key k USING(key_id)),
 rp AS (SELECT host, service, r.time, plugin, coalesce(o.status, r.status) AS status,
               coalesce(o.summary, r.summary) AS summary
          FROM report r JOIN v USING(service_id) JOIN observation o USING(report_id)
         WHERE NOT o.elsewhere)\n")

(define (by-hand reader sql)
  (define (with-number name number sql)
    (regexp-substitute/global #f (string-append "\\b" name "\\b") sql 'pre (number->string number) 'post))
  (map (lambda (row) (map plain row))
       (select-rows reader (string-append with (with-number "NOW" (* 1000000 small-herd-now)
                                                            (with-number "DAY" (* 1000000 day) sql))))))

(define (plain value)
  "VALUE of an answer as the SQL has it: a status as its number, other symbols as texts."
  (match value
    ((? symbol? s) (or (list-index (lambda (status) (eq? s status)) '(ok warning critical unknown missing))
                       (symbol->string s)))
    ((? number? n) (if (integer? n) (inexact->exact n) n))
    (_ value)))

(define (rows answers)
  (map (lambda (answer) (if (list? answer) (map plain answer) (list (plain answer)))) answers))

(define (in-some-order rows)
  (sort (map object->string rows) string<?))

(define-syntax-rule (test-sql reader name question sql)
  ;; In whatever order.
  (begin
    (test-assert (string-append name ": there is one") (pair? (by-hand reader sql)))
    (test-equal name (in-some-order (by-hand reader sql)) (in-some-order (rows question)))
    (test-equal (string-append name ", goal by goal")
      (in-some-order (by-hand reader sql))
      (parameterize ((current-planner plan-waiting)) (in-some-order (rows question))))))

(define-syntax-rule (test-sql-in-order reader name question sql)
  (begin
    (test-assert (string-append name ": there is one") (pair? (by-hand reader sql)))
    (test-equal name (by-hand reader sql) (rows question))))
