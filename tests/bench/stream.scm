;;; stream.scm -- a million rows through the search, beside the bare cursor.
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (herd five)
             (herd measure)
             (ice-9 format)
             (sheepdog core)
             (sheepdog query)
             (sheepdog store)
             (srfi srfi-11))

(define %rows 1000000)

(define %sql
  "SELECT h.name, s.time, s.value
     FROM host h CROSS JOIN sample s ON s.host_id = h.host_id
    WHERE s.key_id = (SELECT key_id FROM key WHERE name = 'disk./.used') LIMIT 1000000")

(define (count-answers)
  "Ask for the answers; return how many there were, and the milliseconds to the first."
  (let ((start (get-internal-real-time))
        (first #f)
        (count 0))
    (run-for-each (lambda (answer)
                    (set! count (+ count 1))
                    (unless first (set! first (get-internal-real-time))))
                  %rows
                  (host time value)
                  (sampleo host 'disk./.used time value))
    (cons count (* 1e3 (/ (- first start) internal-time-units-per-second)))))

(define (count-rows reader)
  (let ((cursor (%cursor-open reader %sql '())))
    (let next ((count 0))
      (cond ((%cursor-next cursor) (next (+ count 1)))
            (else (%cursor-close cursor) count)))))

(define (rate milliseconds) (inexact->exact (round (/ (* 1e3 %rows) milliseconds))))

(define (main)
  (let* ((file (herd-file (max 10000000 (reports-wanted))))
         (reader (open-reader file)))
    (open-herd file)
    (let loop ((round 0) (ours '()) (bare '()) (firsts '()))
      (if (< round 3)
          (let*-values (((counted our-time) (begin (gc) (milliseconds-of count-answers)))
                        ((rows bare-time)
                         (begin (gc) (milliseconds-of (lambda () (count-rows reader))))))
            (unless (= (car counted) rows %rows)
              (format #t "stream: ~a answers, ~a rows~%" (car counted) rows)
              (exit 1))
            (loop (+ round 1) (cons our-time ours) (cons bare-time bare)
                  (cons (cdr counted) firsts)))
          (format #t "stream ~a answers/s, the bare cursor ~a rows/s, first answer after ~,1f ms~%"
                  (rate (median ours)) (rate (median bare)) (median firsts))))))

(main)
