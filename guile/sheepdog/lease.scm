;;; lease.scm -- runs whose lease ended without a word have vanished.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A wrapper that reports through Redis renews its lease each minute.  Nobody tells of its sudden
;;; end, so the server does, by a report of its own that the receiver of runs reads like any other.
;;; It waits until it has read all that had been sent: after a time without broker the renewals are
;;; still in the queue.  A wrapper that was only cut off tells its end later, and that counts then.
;;;
;;; An imported start is history: nobody waits for its end, and it is no trouble of today.  Where the
;;; import brought no end, what became of the run is unknown, which says nothing of its service; an
;;; end that is imported later counts then.
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

;; How late the start came stands for a clock that is behind.
(define ended-leases "
SELECT n.uuid, h.name, s.name, n.started, n.lease_until, json_extract(r.data, '$.inform')
  FROM run n JOIN service s USING (service_id) JOIN host h USING (host_id)
  LEFT JOIN report r ON r.report_id = n.start_report
 WHERE n.outcome IS NULL AND n.lease_until < ?1
   AND n.lease_until + max(0, coalesce(r.arrival - r.time, 0)) < ?1
   AND coalesce(r.imported, 0) = 0
 LIMIT 1000")

;; The last that is known of such a run is its lease, or else its start.
(define imported-without-end "
SELECT n.uuid, h.name, s.name, n.started, coalesce(n.lease_until, n.started, r.time), NULL
  FROM run n JOIN service s USING (service_id) JOIN host h USING (host_id)
  JOIN report r ON r.report_id = n.start_report
 WHERE n.outcome IS NULL AND r.imported = 1 AND r.arrival < ?1
   AND coalesce(n.lease_until, 0) < ?1
 LIMIT 1000")

(define (end-reports reader sql before status summary . data)
  "A report for each run in READER that SQL finds to be over by BEFORE (seconds since the epoch) and of
which nothing more is known, with STATUS, SUMMARY and DATA."
  (map (match-lambda
         (((= uuid->text run) host service started last inform)
          (set-report-id
           (set-report-plugin
            (report service #:host host #:status status #:summary summary #:time (micros->seconds last)
                    #:data `(("run" . ,run) ,@data
                             ,@(if started `(("started" . ,(micros->seconds started))) '())
                             ,@(if (string? inform) `(("inform" . ,inform)) '())))
            'run)
           ;; The same report where it is made again after a crash.
           (%derive-uuid (string-append (assoc-ref data "phase") " " run)))))
       (select reader sql (seconds->micros before))))

(define (vanished-runs reader before)
  (end-reports reader ended-leases before 'critical "" '("phase" . "vanished")))

(define (unended-imports reader before)
  (end-reports reader imported-without-end before 'unknown "imported without its end"
               '("phase" . "end") '("outcome" . "unknown")))

(define (vanish-runs! store reader receivers before)
  "Tell STORE of each run in READER, which reads it, whose lease ended before BEFORE, and of each whose
start was imported before that and whose end was not; RECEIVERS read that.  Return the counts of the
commit, as `receive-batches' tells them, or #f where there is no such run.  Only in a task.
Errors: &core-error."
  (let ((vanished (vanished-runs reader before)))
    (for-each (lambda (report)
                (log-notice "~a/~a: a run has vanished: its lease ended without a word"
                            (report-host report) (report-service report)))
              vanished)
    (match (append vanished (unended-imports reader before))
      (() #f)
      (reports (commit-reports! store receivers reports)))))

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
               #:unwind? #t))
           (loop now)))))
   #:name "leases"))
