;;; herd-state.scm -- how the herd is and was, as people ask for it: services, runs, reports.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog herd-state)
  #:use-module (ice-9 iconv)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog run-output)
  #:use-module (sheepdog store)
  #:use-module (sheepdog stored-form)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (service-state-id service-state-host service-state-service
            service-state-status service-state-since service-state-summary service-state-time
            service-state-plugin service-state-plugin-unknown? service-state-running-since
            in-trouble?
            read-services find-services
            service-owner last-run open-incident recent-states expected
            read-history
            dead-letter-reasons read-dead-letters undelivered-notices skewed-hosts newest-time recent?))

;;; Times are seconds since the epoch.

(define-immutable-record-type <service-state>
  (make-service-state id host service status since summary time plugin plugin-unknown?
                      running-since)
  service-state?
  (id service-state-id)                            ; integer, the store's
  (host service-state-host)                        ; string
  (service service-state-service)                  ; string
  (status service-state-status)                    ; symbol; #f: nothing was said of it yet
  (since service-state-since)                      ; seconds, or #f
  (summary service-state-summary)                  ; string, of the newest observation
  (time service-state-time)                        ; seconds: when it was last heard of, or #f
  (plugin service-state-plugin)                    ; string
  (plugin-unknown? service-state-plugin-unknown?)  ; true: no such plugin read its last report
  (running-since service-state-running-since))     ; seconds: start of its open run, or #f

(define (in-trouble? state)
  "True where the service of STATE has a status, and it is not ok."
  (and (service-state-status state) (not (eq? 'ok (service-state-status state)))))

;; The newest observation is found at the end of its index; the newest by time and then by uuid.
(define services-sql "
SELECT s.service_id, h.name, s.name, st.status, st.since,
       (SELECT coalesce(o.summary, r.summary) FROM observation o JOIN report r USING (report_id)
         WHERE o.service_id = s.service_id AND o.status IS NOT NULL
         ORDER BY o.time DESC, r.uuid DESC LIMIT 1),
       (SELECT max(o.time) FROM observation o WHERE o.service_id = s.service_id),
       s.plugin,
       (SELECT r.unknown_plugin FROM observation o JOIN report r USING (report_id)
         WHERE o.service_id = s.service_id AND NOT o.elsewhere ORDER BY o.time DESC LIMIT 1),
       (SELECT max(n.started) FROM run n WHERE n.service_id = s.service_id AND n.outcome IS NULL)
  FROM service s JOIN host h USING (host_id)
  LEFT JOIN state st ON st.service_id = s.service_id
       AND st.since = (SELECT max(since) FROM state WHERE service_id = s.service_id)
 ")

(define (row->service-state id host service status since summary time plugin unknown running)
  (make-service-state id host service (number->status status) (micros->seconds since)
                      (or summary "") (micros->seconds time) plugin (eqv? 1 unknown)
                      (micros->seconds running)))

(define* (read-services reader #:optional (where "") . parameters)
  "The state of every service in READER, a list of <service-state>, by host and service; WHERE, SQL
with PARAMETERS, narrows it (s is the service, h its host)."
  (map (lambda (row) (apply row->service-state row))
       (apply select reader (string-append services-sql where " ORDER BY h.name, s.name")
              parameters)))

(define (find-services reader subject)
  "The states of the services in READER that SUBJECT, \"[HOST/]SERVICE\" or \"HOST/\", means: a list,
and true where it means one service rather than a host.  A service's name may have slashes in it.
Errors: &config-error where there is none, with the nearest name."
  (when (string-null? subject)
    (raise-config-error #f "the name of the service is empty; write [HOST/]SERVICE, or HOST/ for all \
of a host"))
  (let* ((slash (string-index subject #\/))
         (host (and slash (> slash 0) (substring subject 0 slash)))
         (rest (and host (substring subject (+ slash 1))))
         (services (read-services reader "WHERE s.name = ?1 OR (h.name = ?2 AND s.name = ?3)"
                                  subject host rest)))
    (cond
     ((pair? services) (values services #t))
     ((and host (string-null? rest))
      (unless (select-one reader "SELECT 1 FROM host WHERE name = ?" host)
        (no-such reader "host" subject
                 (map (match-lambda ((name) (string-append name "/")))
                      (select reader "SELECT name FROM host"))))
      (values (read-services reader "WHERE h.name = ?" host) #f))
     (else
      (no-such reader "service" subject
               (append-map (match-lambda
                             ((host service)
                              (list service (string-append host "/" service)
                                    (string-append host "/"))))
                           (select reader "SELECT h.name, s.name
FROM service s JOIN host h USING (host_id)")))))))

(define (no-such reader what subject names)
  (let ((near (near-miss subject (delete-duplicates names))))
    (raise-config-error
     #f "there is no ~a ~a~a" what subject
     (cond (near (string-append ", did you mean " near "?"))
           ((null? names) "; nothing has been reported yet")
           (else "; `sheepdog status' lists what there is")))))

;;; About one service.

(define (service-owner reader id)
  "The uid of the local user to whom the service ID belongs, or #f where it is nobody's own."
  (match (select-one reader "SELECT owner FROM service WHERE service_id = ?" id)
    ((owner) owner)))

(define output-limit 8000) ; characters of each stream

(define (last-run reader id)
  "The newest run of the service ID that is over, an alist of strings to values as JSON has them,
its output among them where it is kept; #f where there is none."
  (match (select-one reader "
SELECT n.uuid, n.started, n.ended, n.outcome, n.exit, n.signal, n.error, n.attempt, n.user_cpu,
       n.system_cpu, n.peak_memory, n.argv, n.user, n.directory, r.data
  FROM run n LEFT JOIN report r ON r.report_id = n.end_report
 WHERE n.service_id = ? AND n.outcome IS NOT NULL
 ORDER BY coalesce(n.started, n.ended) DESC LIMIT 1" id)
    (#f #f)
    ((uuid started ended outcome exit signal error attempts user-cpu system-cpu memory argv user
           directory data)
     (let ((output (if data (run-output (%json->scm data) #:limit output-limit) "")))
       (filter cdr
               `(("run" . ,(uuid->text uuid))
                 ("started" . ,(micros->seconds started))
                 ("ended" . ,(micros->seconds ended))
                 ("outcome" . ,outcome)
                 ("exit" . ,exit)
                 ("signal" . ,signal)
                 ("error" . ,error)
                 ("attempts" . ,attempts)
                 ("user-cpu" . ,(micros->seconds user-cpu))
                 ("system-cpu" . ,(micros->seconds system-cpu))
                 ("peak-memory" . ,memory)
                 ("argv" . ,(and argv (%json->scm argv)))
                 ("user" . ,user)
                 ("directory" . ,directory)
                 ("output" . ,(and (not (string-null? output)) output))))))))

(define (open-incident reader id)
  "When the open incident of the service ID began (seconds), the worst status it came to and who was
told of it (a list of notifiers), as a list; #f where there is none."
  (match (select-one reader "SELECT incident_id, opened, status FROM incident
WHERE service_id = ? AND closed IS NULL" id)
    (#f #f)
    ((incident opened status)
     (list (micros->seconds opened) (number->status status)
           (map car (select reader "SELECT notifier FROM notice
WHERE incident_id = ? AND kind = 'opened' AND sent IS NOT NULL ORDER BY notifier" incident))))))

(define (recent-states reader id limit)
  "The last LIMIT states of the service ID, newest first: a list of (STATUS SINCE UNTIL SUMMARY),
UNTIL #f for the present one."
  (map (match-lambda
         ((status since until summary)
          (list (number->status status) (micros->seconds since) (micros->seconds until)
                (or summary ""))))
       (select reader "
SELECT st.status, st.since, st.until, coalesce(o.summary, r.summary)
  FROM state st LEFT JOIN report r USING (report_id)
  LEFT JOIN observation o ON o.service_id = st.service_id AND o.time = st.since
                         AND o.report_id = st.report_id
 WHERE st.service_id = ? ORDER BY st.since DESC LIMIT ?" id limit)))

(define (expected reader id)
  "When the next report of the service ID is due, in seconds since the epoch, or #f."
  (match (select-one reader "SELECT due FROM expectation WHERE service_id = ?" id)
    ((due) (micros->seconds due))
    (#f #f)))

;;; What was reported.

(define report-columns
  "r.uuid, r.time, h.name, s.name, o.status, coalesce(o.summary, r.summary), r.data")

(define history-of-all "
  FROM report r JOIN service s USING (service_id) JOIN host h USING (host_id)
  LEFT JOIN observation o ON o.service_id = r.service_id AND o.time = r.time
                         AND o.report_id = r.report_id
 WHERE r.time >= ?1 ORDER BY r.time DESC, r.report_id DESC LIMIT ?2")

(define history-of-one "
  FROM observation o JOIN report r USING (report_id) JOIN service s ON s.service_id = o.service_id
  JOIN host h USING (host_id)
 WHERE o.service_id = ?3 AND o.time >= ?1 ORDER BY o.time DESC, r.report_id DESC LIMIT ?2")

;; What failed lies within the states that are not ok: all other reports need not be looked at.
(define failures-of-one "
  FROM state st JOIN observation o ON o.service_id = st.service_id AND o.time >= st.since
                                  AND (st.until IS NULL OR o.time < st.until)
  JOIN report r ON r.report_id = o.report_id JOIN service s ON s.service_id = o.service_id
  JOIN host h USING (host_id)
 WHERE st.service_id = ?3 AND st.status <> 0 AND coalesce(st.until, ?1) >= ?1
   AND o.status <> 0 AND o.time >= ?1
 ORDER BY o.time DESC, r.report_id DESC LIMIT ?2")

(define* (read-history reader #:key services (since 0) failed? (limit 50))
  "The newest LIMIT reports in READER that happened at or after SINCE (seconds), oldest first: about
SERVICES, a list of <service-state>, or about all; those that say a status other than ok where FAILED?.
Each is a vector #(UUID TIME HOST SERVICE STATUS SUMMARY DATA), STATUS a symbol or #f where the report
says nothing of a status, DATA a JSON text or #f where it is not kept."
  (define (ask from . parameters)
    (apply select reader (string-append "SELECT " report-columns from)
           (seconds->micros since) limit parameters))
  (define rows
    (cond
     ((and (not services) (not failed?)) (ask history-of-all))
     (else
      (append-map (lambda (service)
                    (ask (if failed? failures-of-one history-of-one) (service-state-id service)))
                  (or services (read-services reader))))))
  (define (newer? a b) (> (second a) (second b)))
  (let ((sorted (stable-sort rows newer?)))
    (reverse-map (match-lambda
                   ((uuid time host service status summary data)
                    (vector (uuid->text uuid) (micros->seconds time) host service
                            (number->status status) summary data)))
                 (if (> (length sorted) limit) (take sorted limit) sorted))))

(define (reverse-map procedure list)
  (fold (lambda (x rest) (cons (procedure x) rest)) '() list))

;;; What is wrong besides.

(define recent (days 7))

(define (recent? time)
  "True where what went wrong at TIME is still news; what is older is no fault of today."
  (< (- (%now) time) recent))

(define (dead-letter-reasons reader)
  "Why reports became dead letters: a list of (REASON COUNT NEWEST), the newest first, NEWEST the
arrival of its last one in seconds; and how many more there were than are kept."
  (values
   (map (match-lambda ((reason count newest) (list reason count (micros->seconds newest))))
        (select reader "SELECT reason, count(*), max(time) FROM dead_letter
GROUP BY reason ORDER BY max(time) DESC"))
   (match (select-one reader "SELECT value FROM meta WHERE name = 'dead_letters_dropped'")
     ((dropped) dropped)
     (#f 0))))

(define (read-dead-letters reader limit)
  "The last LIMIT dead letters that READER has, the newest last: lists of the arrival in seconds, the
reason, the length of the whole in bytes, its SHA-256 in hexadecimal, and its first 64 KiB as text, in
which bytes that are not UTF-8 are U+FFFD."
  (reverse-map
   (match-lambda
     ((time reason length sha256 body)
      (list (micros->seconds time) reason length sha256
            (bytevector->string body "UTF-8" 'substitute))))
   (select reader "SELECT time, reason, length, sha256, body FROM dead_letter
ORDER BY dead_letter_id DESC LIMIT ?" limit)))

(define (undelivered-notices reader)
  "The notices that were given up or whose delivery fails: a list of (NOTIFIER COUNT GIVEN-UP? ERROR
NEWEST), NEWEST in seconds."
  (map (match-lambda
         ((notifier count given-up error newest)
          (list notifier count (eqv? 1 given-up) (or error "") (micros->seconds newest))))
       (select reader "
SELECT notifier, count(*), failed IS NOT NULL, error, max(created)
  FROM notice WHERE sent IS NULL AND (failed IS NOT NULL OR attempts > 0)
 GROUP BY notifier, failed IS NOT NULL ORDER BY max(created) DESC")))

(define (skewed-hosts reader)
  "The hosts whose clock is ahead of this one's: a list of (HOST SECONDS)."
  (map (match-lambda ((host skew) (list host (micros->seconds skew))))
       (select reader "SELECT name, skew FROM host WHERE skew > 0 ORDER BY name")))

(define (newest-time reader)
  "The time of the newest report in READER, in seconds since the epoch; #f where there is none."
  (match (select-one reader "SELECT max(time) FROM report")
    ((#f) #f)
    ((time) (micros->seconds time))))
