;;; judgement.scm -- decides which changes somebody is told of: incidents and notices.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A change of status is committed unjudged.  Here the unjudged ones are read in order, a policy
;;; decides, and what follows is committed together with the mark that they are judged: a crash
;;; before that repeats it, a crash after it forgets nothing.
(define-module (sheepdog judgement)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog run-output)
  #:use-module (sheepdog store)
  #:use-module (sheepdog stored-form)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (srfi srfi-11)
  #:export (judge-changes! default-policy
            change-status))

(define-immutable-record-type <change>
  (make-change service-id host service since status report summary superseded?)
  change?
  (service-id change-service-id)
  (host change-host)                ; string
  (service change-service)          ; string
  (since change-since)              ; microseconds since the epoch
  (status change-status)            ; ok | warning | critical | unknown | missing
  (report change-report)            ; the report's number in the store
  (summary change-summary)          ; string
  (superseded? change-superseded?)) ; true where a later change was judged before

(define (default-policy change opened notifiers)
  "What follows from CHANGE, where the service has an incident since OPENED (microseconds) or none,
#f: `open' an incident, `close' it, or #f, nothing; as a second value those of NOTIFIERS (names) who
are told of it.  Here: critical opens, ok closes, all are told."
  (values (match (change-status change)
            ('critical (and (not opened) 'open))
            ('ok (and opened 'close))
            (_ #f))
          notifiers))

(define batch-size 200)

(define (unjudged-changes reader)
  (map (match-lambda
         ((service-id host service since status report summary superseded opened)
          (cons (make-change service-id host service since (number->status status) report summary
                             (eqv? superseded 1))
                opened)))
       (select reader
               "SELECT s.service_id, h.name, v.name, s.since, s.status, s.report_id,
                       coalesce(o.summary, r.summary, ''),
                       s.since < (SELECT n.since FROM state n
                                   WHERE n.service_id = s.service_id AND n.judged = 1
                                   ORDER BY n.since DESC LIMIT 1),
                       i.opened
                  FROM state s JOIN service v USING (service_id) JOIN host h USING (host_id)
                  LEFT JOIN report r ON r.report_id = s.report_id
                  LEFT JOIN observation o ON o.service_id = s.service_id AND o.time = s.since
                                         AND o.report_id = s.report_id
                  LEFT JOIN incident i ON i.service_id = s.service_id AND i.closed IS NULL
                 WHERE s.judged = 0 ORDER BY s.since, s.service_id LIMIT ?"
               batch-size)))

(define (unjudged-informs reader)
  (select reader
          "SELECT e.event_id, h.name, v.name, e.time, e.data, e.report_id,
                  coalesce(o.status, r.status, 3), coalesce(o.summary, r.summary, '')
             FROM event e JOIN service v USING (service_id) JOIN host h USING (host_id)
             LEFT JOIN report r ON r.report_id = e.report_id
             LEFT JOIN observation o ON o.service_id = e.service_id AND o.time = e.time
                                    AND o.report_id = e.report_id
            WHERE e.judged = 0 ORDER BY e.time, e.event_id LIMIT ?"
          batch-size))

(define (unjudged reader)
  "The changes and, where these are all, the informs; both as of one moment: what a report asks for is
looked at with or after what it changed."
  (call-with-snapshot
   reader
   (lambda ()
     (let ((changes (unjudged-changes reader)))
       (values changes
               (if (< (length changes) batch-size) (unjudged-informs reader) '()))))))

(define (output-of reader report)
  (match (select-one reader "SELECT data FROM report WHERE report_id = ? AND plugin = 'run'" report)
    (((? string? data)) (run-output (%json->scm data)))
    (_ "")))

(define (message reader state host service status summary since began report)
  (%scm->json
   `(("state" . ,state) ("host" . ,host) ("service" . ,service) ("status" . ,status)
     ("summary" . ,summary)
     ("since" . ,(micros->seconds since)) ("began" . ,(micros->seconds began))
     ("output" . ,(if (eq? state 'closed) "" (output-of reader report))))))

;; Each statement about a change does nothing unless the change is still there as it was read: a
;; report that came late may have altered it meanwhile, and then it will be read again.
(define still-so
  "EXISTS (SELECT 1 FROM state WHERE service_id = ?1 AND since = ?2 AND status = ?3
           AND report_id = ?4 AND judged = 0)")

(define (statement change sql . parameters)
  ;; ?1 to ?4 of SQL are CHANGE's, ?5 and on PARAMETERS.
  `(,sql ,(change-service-id change) ,(change-since change)
         ,(status->number (change-status change)) ,(change-report change) ,@parameters))

(define (mark-judged change)
  (statement change "UPDATE state SET judged = 1 WHERE service_id = ?1 AND since = ?2
                     AND status = ?3 AND report_id = ?4"))

(define (notice-statement change kind notifier text now)
  (statement change
             (string-append
              "INSERT INTO notice(incident_id, kind, notifier, message, created, due)
               SELECT incident_id, ?5, ?6, ?7, ?8, ?8 FROM incident
                WHERE service_id = ?1 AND closed IS NULL AND " still-so " ON CONFLICT DO NOTHING")
             (symbol->string kind) notifier text now))

(define (open-incident reader change notifiers now)
  (let ((text (message reader 'open (change-host change) (change-service change)
                       (change-status change) (change-summary change)
                       (change-since change) (change-since change) (change-report change))))
    `(,(statement change
                  (string-append "INSERT INTO incident(service_id, opened, status)
                                  SELECT ?1, ?2, ?3 WHERE " still-so " ON CONFLICT DO NOTHING"))
      ,@(map (lambda (name) (notice-statement change 'opened name text now)) notifiers))))

(define (close-incident reader change opened notifiers now)
  (let ((text (message reader 'closed (change-host change) (change-service change)
                       (change-status change) (change-summary change)
                       (max opened (change-since change)) opened (change-report change))))
    `(,@(map (lambda (name) (notice-statement change 'closed name text now)) notifiers)
      ,(statement change
                  (string-append "UPDATE incident SET closed = max(?2, opened)
                                   WHERE service_id = ?1 AND closed IS NULL AND " still-so)))))

(define (worsen-incident change)
  ;; An incident has the worst status that it came to.
  (statement change
             (format #f "UPDATE incident SET status = ?3 WHERE service_id = ?1 AND closed IS NULL
                         AND status IN (~{~a~^, ~}) AND ~a"
                     (map status->number (milder-statuses (change-status change))) still-so)))

(define (judge-statuses reader changes notifiers policy now)
  "The statements that judge CHANGES, and who is told of which report: a list of pairs."
  ;; What is open while we go through the batch: service -> microseconds or #f.
  (define open (make-hash-table))
  (let loop ((changes changes) (statements '()) (told '()))
    (match changes
      (() (values (concatenate (reverse statements)) told))
      (((change . opened-before) . rest)
       (let* ((id (change-service-id change))
              (opened (match (hashv-get-handle open id)
                        ((_ . opened) opened)
                        (#f opened-before))))
         (define (next what tell)
           (loop rest (cons (append what (list (mark-judged change))) statements)
                 (append (map (lambda (name) (cons (change-report change) name)) tell) told)))
         (define (say verb)
           (log-notice "incident ~a: ~a/~a is ~a: ~a" verb (change-host change)
                       (change-service change) (change-status change) (change-summary change)))
         (if (change-superseded? change)
             (next '() '())
             (let-values (((verdict tell) (policy change opened notifiers)))
               (match verdict
                 ('open
                  (hashv-set! open id (or opened (change-since change)))
                  (say 'opened)
                  (next (open-incident reader change tell now) tell))
                 ('close
                  (hashv-set! open id #f)
                  (say 'closed)
                  (next (close-incident reader change (or opened (change-since change)) tell now)
                        tell))
                 (#f (next (if opened (list (worsen-incident change)) '()) '()))))))))))

(define (inform-statements reader row notifiers told now)
  (match row
    ((event host service time data report status summary)
     (let* ((data (%json->scm data))
            (who (and (pair? data) (assoc-ref data "who")))
            (insert
             (lambda (failed error)
               (list "INSERT INTO notice(event_id, kind, notifier, message, created, due, failed, error)
                      SELECT event_id, 'inform', ?2, ?3, ?4, ?4, ?5, ?6 FROM event
                       WHERE event_id = ?1 AND judged = 0 ON CONFLICT DO NOTHING"
                     event who
                     (message reader 'inform host service (number->status status) summary
                              time time report)
                     now failed error))))
       `(,@(cond
            ((not (string? who))
             (log-warning "~a/~a asks to inform somebody, and does not say whom" host service)
             '())
            ;; That they are told of an incident by the same report tells them of it.
            ((member (cons report who) told) '())
            ((member who notifiers) (list (insert #f #f)))
            (else
             (log-warning "~a/~a asks to inform ~s, and no notifier has this name" host service who)
             (list (insert now (format #f "no notifier is called ~a" who)))))
         ("UPDATE event SET judged = 1 WHERE event_id = ?" ,event))))))

(define* (judge-changes! store reader notifiers
                         #:key (policy default-policy) (now (lambda () (%now))))
  "Judge what is unjudged in STORE, which READER reads, and return how many notices were made.
NOTIFIERS are the names of who may be told; NOW returns the seconds since the epoch.  Only in a task.
Errors: &core-error; what was not judged then stays so."
  (let loop ((made 0) (told-before '()))
    (let*-values (((time) (seconds->micros (now)))
                  ((changes informs) (unjudged reader))
                  ((statuses told) (judge-statuses reader changes notifiers policy time))
                  ((told) (append told told-before))
                  ((statements)
                   (append statuses
                           (append-map
                            (lambda (row) (inform-statements reader row notifiers told time))
                            informs))))
      (if (null? statements)
          made
          (loop (+ made (notices-among statements (store-transact! store statements))) told)))))

(define (notices-among statements counts)
  (fold (lambda (statement count sum)
          (if (string-prefix? "INSERT INTO notice" (car statement)) (+ sum count) sum))
        0 statements counts))
