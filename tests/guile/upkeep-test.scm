;;; upkeep-test.scm -- what is old goes, and what is committed is moved into the database file
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog core)
             (sheepdog plugin)
             (sheepdog receive)
             (sheepdog report)
             (sheepdog retention)
             (sheepdog store)
             (sheepdog task)
             (sheepdog test)
             (sheepdog test-store)
             (sheepdog upkeep)
             (srfi srfi-64))

(define receivers (make-receivers '()))

(define (say store n)
  "Commit N reports of an ok service."
  (commit-reports! store receivers
                   (map (lambda (_)
                          (set-report-id
                           (set-report-plugin
                            (report "web" #:host "web1" #:status 'ok #:time (%now)) 'message)
                           (%uuid)))
                        (iota n))))

(define (retain store settings)
  "Take steps until there is no more to do."
  (let loop ((steps 1))
    (if (await (lambda (callback)
                 (%store-retain store (retention->vector settings) callback)))
        (loop (+ steps 1))
        steps)))

(define (reports reader)
  (car (select-one reader "SELECT count(*) FROM report")))

(define (wait-until true?)
  (let ((deadline (+ (%monotonic) 20)))
    (let loop ()
      (cond ((true?) #t)
            ((> (%monotonic) deadline) #f)
            (else (sleep 0.02) (loop))))))

(test-suite "upkeep"
  (test-equal "nothing goes before its time"
    10 (with-store (store reader)
         (say store 10)
         (retain store (retention))
         (reports reader)))
  (test-equal "of a run of equal observations the first and the last stay"
    2 (with-store (store reader)
        (say store 10)
        (sleep 0.01)
        (retain store (retention #:reports (milliseconds 1)))
        (reports reader)))
  (test-equal "in small steps, and by the settings of each step"
    '(#t 2) (with-store (store reader)
              (say store 900)
              (retain store (retention))
              (sleep 0.01)
              (let ((steps (retain store (retention #:reports (milliseconds 1)))))
                (list (> steps 3) (reports reader)))))
  (test-equal "statistics are taken of what there is, and again where there is much more"
    '(none taken same same taken taken)
    (with-store (store reader)
      (define (statistics)
        (and (select-one reader "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'")
             (select reader "SELECT idx, stat FROM sqlite_stat1 ORDER BY idx")))
      (define (after n growth)
        (let ((before (statistics)))
          (unless (zero? n) (say store n))
          (take-statistics store growth)
          (cond ((not (statistics)) 'none)
                ((equal? before (statistics)) 'same)
                (else 'taken))))
      (let* ((empty (after 0 1)) (first (after 500 3/2)) (same (after 0 1)) (more (after 100 3/2))
             (much-more (after 200 3/2)) (one-more (after 1 1)))
        (list empty first same more much-more one-more))))
  (test-assert "after a commit the database file grows, without anybody closing it"
    (call-with-store
     (lambda (store reader path)
       (let ((committed! (start-checkpoints store))
             (before (stat:size (stat path))))
         (say store 1000)
         (committed!)
         (wait-until (lambda () (> (stat:size (stat path)) before))))))))
