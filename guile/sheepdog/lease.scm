;;; lease.scm -- runs whose lease ended without a word have vanished.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A wrapper that reports through Redis renews its lease each minute.  Nobody tells of its sudden
;;; end, so the server does, by a report of its own that the receiver of runs reads like any other.
;;; It waits until it has read all that had been sent: after a time without broker the renewals are
;;; still in the queue.  A wrapper that was only cut off tells its end later, and that counts then.
(define-module (sheepdog lease)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog receive)
  #:use-module (sheepdog report)
  #:use-module (sheepdog store)
  #:use-module (sheepdog stored-form)
  #:use-module (sheepdog task)
  #:export (start-lease-watch vanish-runs! make-jump-watch))

(define lease-period 30)  ; seconds between two looks
(define lease-grace 30)   ; seconds, for what is on its way
(define clock-jump 5)     ; seconds by which the clock may differ between two looks, as it is kept in time
(define clock-rest 240)   ; seconds after a jump in which each wrapper renews its lease by the new clock

;; How late the start came stands for a clock that is behind.  An imported start is history.
(define ended-leases "
SELECT n.uuid, h.name, s.name, n.started, n.lease_until
  FROM run n JOIN service s USING (service_id) JOIN host h USING (host_id)
  LEFT JOIN report r ON r.report_id = n.start_report
 WHERE n.outcome IS NULL AND n.lease_until < ?1
   AND n.lease_until + max(0, coalesce(r.arrival - r.time, 0)) < ?1
   AND coalesce(r.imported, 0) = 0
 LIMIT 1000")

(define (vanished-runs reader before)
  "A report for each run in READER whose lease ended before BEFORE (seconds since the epoch) and of
which nothing more is known."
  (map (match-lambda
         (((= uuid->text run) host service started lease-until)
          (set-report-id
           (set-report-plugin
            (report service #:host host #:status 'critical #:time (micros->seconds lease-until)
                    #:data `(("run" . ,run) ("phase" . "vanished")
                             ,@(if started `(("started" . ,(micros->seconds started))) '())))
            'run)
           ;; The same report where it is made again after a crash.
           (%derive-uuid (string-append "vanished " run)))))
       (select reader ended-leases (seconds->micros before))))

(define (commit-own store receivers reports)
  ;; -> what was committed, as `receive-batches' tells it.
  (match (%intake reports)
    ((intake . received)
     (let* ((verdicts (map (lambda (report) (receive-report receivers report)) received))
            (counts (await (lambda (callback) (%store-commit store intake verdicts callback)))))
       (%intake-forget intake)
       counts))))

(define (vanish-runs! store reader receivers before)
  "Tell STORE of each run in READER, which reads it, whose lease ended before BEFORE; RECEIVERS read
that.  Return the counts of the commit, as `receive-batches' tells them, or #f where there is no such
run.  Only in a task.  Errors: &core-error."
  (match (vanished-runs reader before)
    (() #f)
    (reports
     (for-each (lambda (report)
                 (log-notice "~a/~a: a run has vanished: its lease ended without a word"
                             (report-host report) (report-service report)))
               reports)
     (commit-own store receivers reports))))

(define (make-jump-watch)
  "A procedure of two times, what the clock says and what one says that nobody sets, both in seconds:
#f where the clock has been set and not every wrapper has had the time to renew its lease since."
  (let ((offset #f) (rest-until #f))
    (lambda (now monotonic)
      (let ((ahead (- now monotonic)))
        (when (and offset (> (abs (- ahead offset)) clock-jump))
          (set! rest-until (+ monotonic clock-rest)))
        (set! offset ahead)
        (not (and rest-until (< monotonic rest-until)))))))

(define* (start-lease-watch store path source receivers #:key (on-commit (const #t)))
  "From now on tell STORE, which is the file PATH, of runs whose lease has ended, once all is read
that SOURCE had; RECEIVERS and ON-COMMIT are as those of `receive-batches'."
  (spawn-task
   (lambda ()
     (let ((reader (open-reader path))
           (steady? (make-jump-watch)))
       (steady? (%now) (%monotonic))
       (%source-drained? source)
       (let loop ((asked (%now)))
         (sleep lease-period)
         (let* ((now (%now))
                (steady? (steady? now (%monotonic))))
           (when (and (%source-drained? source) steady?)
             (with-exception-handler
                 (lambda (exception) (log-warning "leases: ~a" (exception->text exception)))
               (lambda ()
                 (let ((counts (vanish-runs! store reader (receivers) (- asked lease-grace))))
                   (when counts (on-commit counts))))
               #:unwind? #t #:unwind-for-type &core-error))
           (loop now)))))
   #:name "leases"))
