;;; facts.scm -- what the five questions need of a store, as Prolog's facts.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (herd facts)
  #:use-module (herd five)
  #:use-module (ice-9 match)
  #:use-module (sheepdog store)
  #:export (write-facts))

;; Name of the predicate, and its rows; the present is ?1.  Times are in microseconds, those that
;; are yet to come the present.
(define %predicates
  '(("host" "SELECT host_id, name FROM host WHERE ?1 ORDER BY 1")
    ("service" "SELECT service_id, host_id, name FROM service WHERE ?1 ORDER BY 1")
    ("fact" "SELECT f.host_id, k.name, f.value FROM fact f JOIN key k ON k.key_id = f.key_id
              WHERE ?1 AND f.until IS NULL ORDER BY 1, 2")
    ("change" "SELECT 100000 * f.host_id + f.since / 86400000000, substr(k.name, 9), f.value, f.since
                 FROM fact f JOIN key k ON k.key_id = f.key_id
                WHERE ?1 AND k.name LIKE 'package.%' ORDER BY 1, 4")
    ("state" "SELECT service_id, since, coalesce(until, ?1), status FROM state ORDER BY 1, 2")
    ("failure" "SELECT since / 86400000000, service_id, since FROM state
                 WHERE ?1 AND status = 2 ORDER BY 3")
    ("run" "SELECT service_id, outcome, ended FROM run WHERE ?1 ORDER BY service_id, started DESC")
    ("used" "SELECT 100000 * s.host_id + s.time / 86400000000, s.time, CAST(s.value AS INTEGER)
               FROM sample s JOIN key k ON k.key_id = s.key_id
              WHERE ?1 AND k.name = 'disk./.used' ORDER BY 1, 2")))

(define (write-argument x)
  (cond ((string? x) (write-char #\') (display x) (write-char #\'))
        (else (display x))))

(define (write-facts store file)
  "Write FILE of the facts that STORE has."
  (let ((reader (open-reader store)))
    (with-output-to-file file
      (lambda ()
        (for-each
         (match-lambda
           ((name sql)
            (for-each-row (lambda (first . rest)
                            (display name)
                            (write-char #\()
                            (write-argument first)
                            (for-each (lambda (x) (write-char #\,) (write-argument x)) rest)
                            (display ").\n"))
                          reader sql (* 1000000 present))))
         %predicates)))
    (close-reader reader)))
