;;; random-herd.scm -- a small store with rows by chance, in which much is equal to something else
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Names, texts and numbers are few, and the same for hosts, services, keys and values, so that whatever
;;; is compared with anything is equal now and then.  Times are whole seconds.
(define-module (sheepdog random-herd)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog small-herd)
  #:use-module (sheepdog test)
  #:use-module (srfi srfi-1)
  #:export (call-with-random-herd random-herd-present one-of chance?
            herd-texts herd-numbers herd-large-numbers herd-times herd-statuses herd-outcomes herd-ids))

;; Seconds; some of the times in the store are later.
(define random-herd-present 7)

(define herd-texts '("" "1.2" "1.9" "1.10" "a" "ab" "b"))
(define herd-numbers (list 0 1 2 3 4 6 2.5 0.1 -1 1.9 2. (/ 1. 3)))
;; Where whole numbers end that all have a form of their own, and where those of 64 bits do.
(define herd-large-numbers
  (list 9007199254740993 9007199254740992 9007199254740992. -9007199254740992. 9223372036854775807
        -9223372036854775807 -9223372036854775808. 9223372036854775000 9223372036854775808. 1.5e308 -1.5e308))
(define herd-times '(0 1 2 3.1 4 5.000001 6 7 8.7 9 10))
(define herd-statuses '(ok warning critical unknown missing))
(define herd-outcomes '(running succeeded failed timed-out vanished cancelled unknown))
(define herd-ids (map (lambda (n) (format #f "ab000000-0000-0000-0000-0000000000~2,'0x" n)) (iota 6)))

(define (one-of list random)
  "An element of LIST by chance."
  (list-ref list (random (length list))))

(define (chance? percent random)
  "True in PERCENT of the cases."
  (< (random 100) percent))

(define (some list percent random)
  (filter (lambda (_) (chance? percent random)) list))

(define (micros seconds)
  (and seconds (inexact->exact (round (* 1000000 seconds)))))

(define (insert table columns)
  ;; SQL that takes values.
  (format #f "INSERT INTO ~a(~{~a~^, ~}) VALUES(~{~a~^, ~})" table columns (map (const "?") columns)))

(define (rows table columns rows)
  (let ((sql (insert table columns)))
    (map (lambda (row) (cons sql row)) rows)))

(define (intervals random gaps?)
  "Pairs of since and until, in microseconds: one behind the other, the last one perhaps without an end."
  (let loop ((times (sort (some herd-times 35 random) <)))
    (match times
      (() '())
      ((since) (list (cons (micros since) (and gaps? (chance? 30 random) (micros (+ since 1))))))
      ((since until . rest)
       (cons (cons (micros since) (micros until))
             (loop (if (and gaps? (chance? 30 random)) rest (cons until rest))))))))

(define (statements random)
  (define (some-of list) (one-of list random))
  (define (maybe value) (and (chance? 70 random) value))
  (define hosts '((1 "a") (2 "b") (3 "1.2")))
  (define services
    (let ((pairs (some (append-map (lambda (host) (map (lambda (name) (list (car host) name)) '("a" "b" "1.9" "")))
                                   hosts)
                       75 random)))
      (map cons (iota (length pairs) 1) pairs)))
  (define keys
    (map list (iota 7 1) '("a" "b" "ab" "package.a" "package.b" "package.1.9" "")))
  (define service-ids (map car services))
  (define (value)
    (if (chance? 50 random)
        (some-of (if (chance? 7 random) herd-large-numbers herd-numbers))
        (some-of (append herd-texts herd-texts (take herd-ids 1)))))
  (define (for-some-of list percent proc)
    (append-map proc (some list percent random)))
  (define (some-times n proc)
    (if (null? services) '() (map (lambda (i) (proc i)) (iota (+ (quotient n 4) (random n)) 1))))
  (define reports
    (some-times 14 (lambda (n)
                    (list n (numbered-uuid n) (some-of service-ids) (micros (some-of herd-times))
                          (some-of herd-texts) (random 5) (some-of (append herd-texts herd-ids))))))
  (append
   (rows 'host '(host_id name) hosts)
   (rows 'service '(service_id host_id name plugin) (map (lambda (s) (append s '("a"))) services))
   (rows 'key '(key_id name) keys)
   (rows 'state '(service_id since until status report_id judged)
         (for-some-of service-ids 90
                      (lambda (service)
                        (let loop ((intervals (intervals random #f)) (before #f))
                          (match intervals
                            (() '())
                            (((since . until) . rest)
                             (let ((status (some-of (delv before '(0 0 1 2 3 4)))))
                               (cons (list service since until status 1 1) (loop rest status)))))))))
   (rows 'fact '(host_id key_id since until value report_id)
         (append-map (lambda (host)
                       (for-some-of keys 70
                                    (lambda (key)
                                      (map (match-lambda
                                             ((since . until)
                                              (list (car host) (car key) since until
                                                    ;; A version is a text.
                                                    (if (string-prefix? "package." (cadr key))
                                                        (some-of herd-texts)
                                                        (value))
                                                    1)))
                                           (intervals random #t)))))
                     hosts))
   (rows 'report '(report_id uuid service_id time arrival plugin unknown_plugin status imported skew summary)
         (map (match-lambda
                ((id uuid service time plugin status summary)
                 (list id uuid service time time plugin 0 status 0 0 summary)))
              reports))
   (rows 'observation '(service_id time report_id status elsewhere summary)
         (append-map (match-lambda
                       ((id _ service time . _)
                        (cons (list service time id (maybe (random 5)) 0 (maybe (some-of herd-texts)))
                              ;; A report may speak of other services than its own.
                              (for-some-of (delv service service-ids) 10
                                           (lambda (other) (list (list other time id 0 1 #f)))))))
                     reports))
   (rows 'run '(uuid service_id started ended outcome exit user_cpu system_cpu peak_memory output_bytes signal)
         (some-times 14
                     (lambda (n)
                       ;; One that is over has an outcome; of one that is not, the beginning is known.
                       (let* ((outcome (some-of herd-outcomes))
                              (runs? (eq? outcome 'running))
                              (time (lambda () (micros (some-of herd-times)))))
                         (list (numbered-uuid n) (some-of service-ids)
                               (if runs? (time) (maybe (time))) (and (not runs?) (time))
                               (and (not runs?) (symbol->string outcome))
                               (maybe (random 4)) (maybe (micros (random 4))) (maybe (micros (random 4)))
                               (maybe (random 4)) (maybe (random 4)) (maybe (+ 1 (random 3))))))))
   (rows 'sample '(host_id key_id time report_id value)
         (let ((places (delete-duplicates
                        (map (lambda (_) (list (car (some-of hosts)) (car (some-of keys))
                                               (micros (some-of herd-times))))
                             (iota (+ 3 (random 12)))))))
           (map (lambda (place n) (append place (list n (some-of herd-numbers))))
                places (iota (length places)))))
   (rows 'event '(service_id time name data report_id judged)
         (some-times 14 (lambda (_)
                         (list (some-of service-ids) (micros (some-of herd-times))
                               (some-of herd-texts) "{}" 1 1))))))

(define (call-with-random-herd seed proc)
  "Call PROC with the path of a new store, whose rows follow from the number SEED, and which is removed
afterwards."
  (let ((state (seed->random-state seed)))
    (call-with-temporary-directory
     (lambda (directory)
       (let ((path (string-append directory "/store.db")))
         (write-store path (statements (lambda (n) (random n state))))
         (proc path))))))
