;;; large-result-test.scm -- of a large result no more is read than is asked for, and nothing is left open
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 control)
             (sheepdog core)
             (sheepdog query)
             (sheepdog small-herd)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define many 200000)

(define statements
  (list
   '("INSERT INTO host(host_id, name) VALUES(1, 'a'), (2, 'b')")
   '("INSERT INTO key(key_id, name) VALUES(1, 'load')")
   '("INSERT INTO service(service_id, host_id, name, plugin) VALUES(1, 1, 'web', 'message')")
   (list "INSERT INTO sample WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
 SELECT 1 + i % 2, 1, i * 1000000, i, i FROM n" many)
   (list "INSERT INTO event(service_id, time, name, data, report_id, judged)
 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
 SELECT 1, i * 1000000, 'inform', '{}', 1, 1 FROM n" many)))

;;; What is asked of the core on the way.

(define read 0)
(define cursors '())   ; those that are open
(define snapshots 0)

(define (watch! name wrap)
  (let ((variable (module-variable (resolve-module '(sheepdog core)) name)))
    (variable-set! variable (wrap (variable-ref variable)))))

(watch! '%cursor-rows
        (lambda (next)
          (lambda (cursor n)
            (let ((rows (next cursor n)))
              (set! read (+ read (length (cdr rows))))
              rows))))
(watch! '%cursor-open
        (lambda (open)
          (lambda arguments
            (let ((cursor (apply open arguments)))
              (set! cursors (cons cursor cursors))
              cursor))))
(watch! '%cursor-close
        (lambda (close)
          (lambda (cursor)
            (set! cursors (delv cursor cursors))
            (close cursor))))
(watch! '%reader-hold
        (lambda (hold) (lambda (reader) (set! snapshots (+ snapshots 1)) (hold reader))))
(watch! '%reader-release
        (lambda (release) (lambda (reader) (set! snapshots (- snapshots 1)) (release reader))))

(define-syntax-rule (rows-read e)
  ;; How many rows E makes the core read.
  (begin
    (set! read 0)
    e
    read))

(define-syntax-rule (test-read name most e)
  ;; E reads MOST rows at most, but some, and leaves nothing open.
  (begin
    (test-assert (string-append name ": what is read") (<= 1 (rows-read e) most))
    (test-equal (string-append name ": what is left open") '(() 0) (list cursors snapshots))))

;; So many rows may be read ahead.
(define ahead 1000)

(define-relation (samplingo host time)
  (fresh (value) (sampleo host 'load time value)))

(define (kinds answers)
  (delete-duplicates answers))

(test-suite "large results"
  (call-with-small-herd
   (lambda (path)
     (write-store (string-append path ".large") statements)
     (open-herd (string-append path ".large"))
     (test-equal "all are there" many (length (run* (time) (fresh (host) (samplingo host time)))))
     (test-read "all" many (run* (time) (fresh (host) (samplingo host time))))
     (test-read "the first one" ahead (run 1 (time) (fresh (host) (samplingo host time))))
     (test-read "some" (+ 3000 ahead ahead) (run 3000 (time) (fresh (host) (samplingo host time))))
     (test-read "of a host" ahead (run 1 (time) (samplingo "b" time)))
     (test-read "of two that are large" ahead
       (run 1 (host time) (fresh (value service)
                            (sampleo host 'load time value)
                            (evento host service 'inform time))))
     (test-read "with what must be searched" ahead
       (run 1 (host n) (fresh (time)
                         (samplingo host time)
                         (project (time) (== n (* 2 time))))))
     (test-read "with a comparison that the search makes" (* 2 ahead)
       (run 2 (host time) (fresh (half) (samplingo host time) (project (time) (== half (/ time 2))) (>o half 5))))
     (test-read "where one answer is enough" (* 3 ahead)
       (run* (host) (hosto host)
             (someo (fresh (time) (samplingo host time) (project (time) (>o time 5))))))
     (test-read "a choice of two" (* 2 ahead)
       (run 20 (x) (fresh (host service time)
                     (conde ((samplingo host time) (== x 'sample))
                            ((evento host service 'inform time) (== x 'event))))))
     (test-equal "of a choice, both have their turns" '(2 2)
       (map (lambda (n)
              (length (kinds (run n (x) (fresh (host service time)
                                          (conde ((samplingo host time) (== x 'sample))
                                                 ((evento host service 'inform time) (== x 'event))))))))
            '(500 4000)))
     (test-read "left by an escape" ahead
       (let/ec return
         (run-for-each return #f (time) (fresh (host) (samplingo host time)))))
     (test-read "left by an error" ahead
       (false-if-exception
        (run* (host) (fresh (time) (samplingo host time) (project (time) (error "enough"))))))
     (test-read "one in another" (* 3 ahead)
       (run 1 (host time) (samplingo host time)
            (project (time) (== 1 (length (run 1 (t) (fresh (h) (samplingo h t))))))))
     (test-read "whether there is any" ahead
       (run* (host) (hosto host) (someo (fresh (time) (samplingo host time)))))
     (test-read "the first in an order that the store has" ahead
       (run 1 (time) (ordero (time) (samplingo "a" time))))
     (test-read "how many there are" 10
       (run* (n) (counto n (host time) (samplingo host time))))
     (close-herd))))
