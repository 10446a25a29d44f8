;;; lease-test.scm -- a run whose lease ended has vanished, and nothing else has
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog core)
             (sheepdog error)
             (sheepdog herd-state)
             (sheepdog lease)
             (sheepdog plugin)
             (sheepdog receive)
             (sheepdog report)
             (sheepdog store)
             (sheepdog test)
             (sheepdog test-store)
             (srfi srfi-64))

(define receivers (make-receivers '()))
(define now (%now))
(define run-id "01a1fe68-6844-77d7-b3bc-c8375aa2748e")

(define (say store time . data)
  "Commit a report of the run plugin about web1/backup that happened at TIME with DATA."
  (commit-reports! store receivers
                   (list (set-report-id
                          (set-report-plugin
                           (report "backup" #:host "web1" #:time time #:data data) 'run)
                          (%uuid)))))

(define (import-all! store)
  (store-transact! store '(("UPDATE report SET imported = 1"))))

(define (run reader)
  "Outcome of the run, and the status of its service."
  (list (car (or (select-one reader "SELECT outcome FROM run ORDER BY started LIMIT 1") '(#f)))
        (map service-state-status (read-services reader))))

(define-syntax-rule (with-run (store reader start lease) body ...)
  (with-store (store reader)
    (say store start `("run" . ,run-id) `("phase" . "start") `("started" . ,start)
         `("lease" . ,lease))
    body ...))

(test-suite "leases"
  (test-equal "a lease that lasts"
    '(#f (#f (#f)))
    (with-run (store reader (- now 60) 180)
      (let ((counts (vanish-runs! store reader receivers now)))
        (list counts (run reader)))))
  (test-equal "a lease that has ended: the run has vanished, and its service is critical"
    '(#(1 0 0 1) ("vanished" (critical)))
    (with-run (store reader (- now 600) 180)
      ;; The start came ten minutes late, which is taken for a clock that is behind.
      (let ((counts (vanish-runs! store reader receivers (+ now 500))))
        (list counts (run reader)))))
  (test-equal "a clock that is behind ends no lease"
    #f
    (with-run (store reader (- now 600) 180)
      (vanish-runs! store reader receivers (+ now 60))))
  (test-equal "a renewal counts"
    '(#f #(1 0 0 1))
    (with-run (store reader now 180)
      (say store (+ now 120) `("run" . ,run-id) '("phase" . "renew") '("lease" . 180))
      (let* ((first (vanish-runs! store reader receivers (+ now 290)))
             (second (vanish-runs! store reader receivers (+ now 310))))
        (list first second))))
  (test-equal "who is to be informed is, of a run that has vanished too"
    '("{\"who\":\"ann\"}")
    (with-store (store reader)
      (say store now `("run" . ,run-id) '("phase" . "start") `("started" . ,now)
           '("lease" . 180) '("inform" . "ann"))
      (vanish-runs! store reader receivers (+ now 310))
      (select-one reader "SELECT data FROM event WHERE name = 'inform'")))
  (test-equal "a receiver of runs that returns no list costs its own report only"
    '(#(0 0 0 0) ("receiver run: the receiver returned 5, not a list of assertions"))
    (with-run (store reader now 180)
      (let* ((own (make-receivers
                   (list (make-plugin 'run "Runs." #:receiver (const 5)))))
             (counts (vanish-runs! store reader own (+ now 310))))
        (list counts (select-one reader "SELECT reason FROM dead_letter")))))
  (test-equal "what the store does not take is kept by nobody"
    '(failed gone #(1 0 0 1))
    (with-run (store reader now 180)
      (define last-intake
        (match (%intake '()) ((intake . _) (%intake-forget intake) intake)))
      (define tables '("report" "dead_letter"))
      (define (rename! template)
        (store-transact! store (map (lambda (table) (list (format #f template table table)))
                                    tables)))
      (rename! "ALTER TABLE ~a RENAME TO other_~a")
      (rename! "CREATE VIEW ~a AS SELECT * FROM other_~a")
      (let* ((failed (with-exception-handler (const 'failed)
                       (lambda () (vanish-runs! store reader receivers (+ now 310)))
                       #:unwind? #t #:unwind-for-type &core-error))
             (kept (catch 'wrong-type-arg
                     (lambda ()
                       (await (lambda (callback)
                                (%store-commit store (+ last-intake 1) '() callback))))
                     (const 'gone))))
        (store-transact! store (map (lambda (table) (list (format #f "DROP VIEW ~a" table)))
                                    tables))
        (store-transact! store
                         (map (lambda (table)
                                (list (format #f "ALTER TABLE other_~a RENAME TO ~a" table table)))
                              tables))
        (list failed kept (vanish-runs! store reader receivers (+ now 310))))))
  (test-equal "a second look, or one after a crash, adds nothing"
    '(#(1 0 0 1) #f)
    (with-run (store reader now 180)
      (let* ((first (vanish-runs! store reader receivers (+ now 310)))
             (second (vanish-runs! store reader receivers (+ now 310))))
        (list first second))))
  (test-equal "a run that has ended has not vanished"
    '(#f ("succeeded" (ok)))
    (with-run (store reader now 180)
      (say store (+ now 1) `("run" . ,run-id) '("phase" . "end") '("outcome" . "succeeded")
           `("started" . ,now) '("exit" . 0))
      (let ((counts (vanish-runs! store reader receivers (+ now 1000))))
        (list counts (run reader)))))
  (test-equal "an imported start without an end: unknown, at the end of its lease, and no change to judge"
    '(#f #(1 0 0 0) #f ("unknown" (#f)) (1000000180))
    (with-run (store reader 1000000000 180)
      (import-all! store)
      (let* ((early (vanish-runs! store reader receivers (- now 60)))
             (counts (vanish-runs! store reader receivers (+ now 60)))
             (again (vanish-runs! store reader receivers (+ now 60))))
        (list early counts again (run reader)
              (select-one reader "SELECT ended / 1000000 FROM run")))))
  (test-equal "without a lease: at its start"
    '(#(1 0 0 0) (1000000000))
    (with-run (store reader 1000000000 'null)
      (import-all! store)
      (let ((counts (vanish-runs! store reader receivers (+ now 60))))
        (list counts (select-one reader "SELECT ended / 1000000 FROM run")))))
  (test-equal "an end that is imported later counts"
    '("succeeded" (ok))
    (with-run (store reader 1000000000 'null)
      (import-all! store)
      (vanish-runs! store reader receivers (+ now 60))
      (say store 1000000010 `("run" . ,run-id) '("phase" . "end") '("outcome" . "succeeded")
           '("started" . 1000000000) '("exit" . 0))
      (run reader)))
  (test-equal "an end that comes late, after all, counts"
    '("succeeded" (ok))
    (with-run (store reader now 180)
      (vanish-runs! store reader receivers (+ now 310))
      (say store (+ now 290) `("run" . ,run-id) '("phase" . "end") '("outcome" . "succeeded")
           `("started" . ,now) '("exit" . 0))
      (run reader)))
  (test-equal "while the clock goes as it should, leases count"
    '(#t #t #t)
    (let ((steady? (make-jump-watch)))
      (map steady? '(1000 1030 1061) '(5 35 65))))
  (test-equal "after the clock was set, wrappers have time to renew their leases by it"
    '(#t #f #f #t #f #t)
    (let ((steady? (make-jump-watch)))
      (map steady? '(1000 4630 4660 4900 -80000 -79700) '(5 35 65 305 335 635)))))
