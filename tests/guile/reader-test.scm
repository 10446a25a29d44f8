;;; reader-test.scm -- rows as Scheme sees them; a search that is paused
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (rnrs bytevectors)
             (sheepdog core)
             (sheepdog error)
             (sheepdog kanren extend)
             (sheepdog query)
             (sheepdog query herd)
             (sheepdog receive)
             (sheepdog report)
             (sheepdog stored-form)
             (sheepdog test)
             (sheepdog test-store)
             (srfi srfi-1)
             (srfi srfi-64))

(define (rows-of reader sql kinds . parameters)
  (let ((cursor (%cursor-open reader sql parameters kinds)))
    (let loop ((rows '()))
      (match (%cursor-rows cursor 3)
        ((more? . batch)
         (let ((rows (append rows batch)))
           (if more?
               (loop rows)
               (begin (%cursor-close cursor) (map vector->list rows)))))))))

(define (values-of reader kind . sql)
  "What a column of KIND gives for each of SQL, expressions."
  (map car (rows-of reader (string-append "VALUES " (string-join (map (lambda (e) (string-append "(" e ")")) sql) ", "))
                    kind)))

(define (length-of-text reader length megabytes)
  "The length of a text that READER gives, which is LENGTH, where this process may take so many MEGABYTES
more; or the key of the error."
  (define size (* 4096 (call-with-input-file "/proc/self/statm" read)))
  (dynamic-wind
    (lambda () (setrlimit 'as (+ size (* megabytes 1024 1024)) #f))
    (lambda ()
      (catch #t
        (lambda ()
          (let ((cursor (%cursor-open reader (format #f "SELECT hex(zeroblob(~a))" (/ length 2)) '())))
            (match (%cursor-rows cursor 1)
              ((_ #(text)) (%cursor-close cursor) (string-length text)))))
        (lambda (key . _) key)))
    (lambda () (setrlimit 'as #f #f))))

(define receivers (make-receivers '()))

(define (say store n)
  (commit-reports! store receivers
                   (map (lambda (i)
                          (set-report-id
                           (set-report-plugin
                            (report (format #f "web~a" i) #:host "web1" #:status 'ok #:time (%now))
                            'message)
                           (%uuid)))
                        (iota n))))

(define (wait-until true?)
  "Wait without letting go of the search that we are in."
  (let ((deadline (+ (%monotonic) 20)))
    (let loop ()
      (cond ((true?) #t)
            ((> (%monotonic) deadline) #f)
            (else (usleep 5000) (loop))))))

(define (write-megabyte store)
  (%store-transact store '(("INSERT INTO meta(name, value) VALUES('large', zeroblob(1000000))"))
                   (const #t)))

(define (all-moved? store path before)
  "Whether what was written last gets into the database file, of which the size was BEFORE."
  (%store-checkpoint store (const #t))
  (> (stat:size (stat path)) (+ before 900000)))

(define (endless n)
  "SQL of the numbers up to N."
  (format #f "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ~a) \
SELECT i, (SELECT count(*) FROM report) FROM n" n))

(define (core-error-saying word)
  (lambda (exception)
    (and (core-error? exception) (string-contains (exception->text exception) word))))

(test-suite "reader"
  (with-store (store reader)
    (test-equal "numbers are the same however they are stored"
      (list 1 1 -3 0 1/2 1e300 9007199254740991 9007199254740992 7 #f "1.0")
      (map (lambda (x) (if (equal? x 0.5) 1/2 x))
           (values-of reader "r" "1" "1.0" "-3.0" "-0.0" "0.5" "1e300" "9007199254740991.0"
                      "9007199254740992.0" "7" "NULL" "'1.0'")))
    (test-equal "without kinds, too" '(#(2 2))
      (cdr (%cursor-rows (%cursor-open reader "SELECT 2.0, 2" '()) 1)))
    (test-equal "times are as micros->seconds gives them"
      (map micros->seconds '(0 1000000 1500000 1 -1 -1000000 1700000000123456 1700000000000000 #f))
      (values-of reader "t" "0" "1000000" "1500000" "1" "-1" "-1000000" "1700000000123456"
                 "1700000000000000" "NULL"))
    (test-equal "times that were computed" '(2 2.5 1/4)
      (map (lambda (x) (if (equal? x 0.25) 1/4 x))
           (values-of reader "t" "2e6" "2.5e6" "250000.0")))
    (test-equal "ends" '(now 3 1.5) (values-of reader "e" "NULL" "3000000" "1500000"))
    (test-equal "statuses" '(ok warning critical unknown missing #f 5 -1)
      (values-of reader "s" "0" "1" "2" "3" "4" "NULL" "5" "-1"))
    (test-equal "outcomes" '(running succeeded timed-out)
      (values-of reader "o" "NULL" "'succeeded'" "'timed-out'"))
    (test-equal "keys of packages" '("nginx" "host.memory" "")
      (values-of reader "p" "'package.nginx'" "'host.memory'" "'package.'"))
    (test-equal "ids"
      (list (uuid->text (u8-list->bytevector (iota 16 3 7))) #f (u8-list->bytevector '(1 2)) "x")
      (values-of reader "u"
                 (string-append "x'" (string-delete #\- (uuid->text (u8-list->bytevector (iota 16 3 7)))) "'")
                 "NULL" "x'0102'" "'x'"))
    (test-equal "texts" '("" "plain ascii" "füße" "→ 🐑" "a\x00b")
      (values-of reader "r" "''" "'plain ascii'" "'füße'" "'→ 🐑'" "'a' || char(0) || 'b'"))
    (test-equal "bytes that are no text do no harm" "a\ufffdb"
      (car (values-of reader "r" "CAST(x'61ff62' AS TEXT)")))
    (test-equal "many texts, some of which come again"
      (map (lambda (i) (list (format #f "text ~a" (modulo i 300)) (number->string i))) (iota 10000))
      (rows-of reader "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
 SELECT 'text ' || (i % 300), '' || i FROM n" "rr"))
    (test-equal "columns without a kind are raw" '((1 1000000))
      (rows-of reader "SELECT 1000000, 1000000" "t"))
    (test-error "a kind that there is not" (core-error-saying "no kind")
      (%cursor-open reader "SELECT 1" '() "x"))
    (test-error "more kinds than columns" (core-error-saying "2 kinds for 1")
      (%cursor-open reader "SELECT 1" '() "rr"))
    (test-error "what takes too much memory" (core-error-saying "memory")
      (dynamic-wind
        (lambda () (%limit-sqlite-memory (* 16 1024 1024)))
        (lambda () (values-of reader "r" "length(zeroblob(30000000) || 'x')"))
        (lambda () (%limit-sqlite-memory 0))))
    (test-equal "a row that there is no memory for leaves the reader as it was"
      '(((#t #(1))) (out-of-memory %exception))
      ;; First it is SQLite that has none, then what copies the row, then Scheme.
      (let try ((megabytes 80) (read-later '()) (errors '()))
        (match (length-of-text reader 40000000 megabytes)
          ((? symbol? key)
           (try (+ megabytes 15)
                (lset-adjoin equal? read-later
                             (%cursor-rows (%cursor-open reader "VALUES (1)" '()) 1))
                (lset-adjoin eq? errors key)))
          (40000000 (list read-later errors)))))
    (test-equal "no more after the last row" '(#f)
      (let ((cursor (%cursor-open reader "VALUES (1), (2)" '())))
        (%cursor-rows cursor 2)
        (%cursor-rows cursor 2)
        (%cursor-rows cursor 2))))

  (call-with-store
   (lambda (store reader path)
     (say store 10)
     (let ((herd (open-herd path)))
       (test-equal "a search that is paused does not hold up the store's log, and goes on"
         '(#t 100000 (10))
         (let ((before (stat:size (stat path))) (n 0) (moved? #f) (seen '()))
           (%reader-limits ((@@ (sheepdog query herd) herd-reader) herd) 0.05 (* 64 1024 1024))
           (run-for-each
            (match-lambda
              ((i reports)
               (set! n (+ n 1))
               (unless (memv reports seen) (set! seen (cons reports seen)))
               (when (= n 1000)
                 (write-megabyte store)
                 (set! moved? (wait-until (lambda () (all-moved? store path before)))))))
            #f (i reports)
            (goal-from-rows (lambda (state)
                              (open-rows state (endless 100000) '()))
                            (list i reports)))
           (list moved? n seen)))
       (test-error "where too many rows are left, it says what to do" (core-error-saying "ask for less")
         (let ((n 0))
           (%reader-limits ((@@ (sheepdog query herd) herd-reader) herd) 0.05 100000)
           (run-for-each
            (lambda (i)
              (set! n (+ n 1))
              (when (= n 1000) (usleep 200000)))
            #f (i reports)
            (goal-from-rows (lambda (state)
                              (open-rows state (endless 1000000) '()))
                            (list i reports)))))
       (test-equal "the plan of a statement" '((0 "host"))
         (map (match-lambda ((id parent detail) (list parent (and (string-contains detail "host") "host"))))
              (query-plan "SELECT host_id FROM host WHERE name = ?" '("web1"))))
       (close-herd herd)))))
