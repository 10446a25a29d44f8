;;; judgement-test.scm -- trouble is told once and its end once, whatever order and crashes there are.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog core)
             (sheepdog judgement)
             (sheepdog store)
             (sheepdog stored-form)
             (sheepdog task)
             (sheepdog test)
             (sheepdog test-store)
             (srfi srfi-1)
             (srfi srfi-64))

(%set-log-level 'error)

(define second 1000000)
(define hour (* 3600 second))
(define noon (* 1700000000 second))

(define numbers '((ok . 0) (warning . 1) (critical . 2) (unknown . 3) (missing . 4)))

(define* (report service time status #:key (summary "exit 2") (data "{}") (judged 0) (inform #f))
  "Statements of a report of a run of SERVICE, as the writer stores it where it is the newest and a
change."
  `(("INSERT OR IGNORE INTO host(name) VALUES('tux01')")
    ("INSERT OR IGNORE INTO service(host_id, name, plugin) VALUES(1, ?, 'run')" ,service)
    ("INSERT INTO report(uuid, service_id, time, arrival, plugin, unknown_plugin, status, imported,
                         skew, summary, data)
      SELECT randomblob(16), service_id, ?2, ?2, 'run', 0, ?3, 0, 0, ?4, ?5
        FROM service WHERE name = ?1"
     ,service ,time ,(assq-ref numbers status) ,summary ,data)
    ("UPDATE state SET until = ?2 WHERE until IS NULL AND since < ?2
      AND service_id = (SELECT service_id FROM service WHERE name = ?1)" ,service ,time)
    ("INSERT INTO state(service_id, since, status, report_id, judged)
      SELECT service_id, ?2, ?3, (SELECT max(report_id) FROM report), ?4
        FROM service WHERE name = ?1"
     ,service ,time ,(assq-ref numbers status) ,judged)
    ,@(if inform
          `(("INSERT INTO event(service_id, time, name, data, report_id, judged)
              SELECT service_id, ?2, 'inform', ?3, (SELECT max(report_id) FROM report), 0
                FROM service WHERE name = ?1"
             ,service ,time ,(%scm->json `(("who" . ,inform)))))
          '())))

(define (report! store . arguments)
  (store-transact! store (apply report arguments)))

(define* (judge! store reader #:key (notifiers '("ann")) (policy default-policy))
  (judge-changes! store reader notifiers #:policy policy #:now (lambda () 1700000900)))

(define (notices reader)
  "Who was to be told what of which service, in order."
  (map (match-lambda
         ((notifier message)
          (let ((said (%json->scm message)))
            (list notifier (string->symbol (assoc-ref said "state")) (assoc-ref said "service")))))
       (select reader "SELECT notifier, message FROM notice ORDER BY notice_id")))

(define (said reader . keys)
  (match (select-one reader "SELECT message FROM notice ORDER BY notice_id DESC LIMIT 1")
    ((message) (let ((alist (%json->scm message)))
                 (map (lambda (key) (assoc-ref alist key)) keys)))))

(define (unjudged reader)
  (car (select-one reader "SELECT (SELECT count(*) FROM state WHERE judged = 0)
                                + (SELECT count(*) FROM event WHERE judged = 0)")))

(test-suite "judgement"
  (test-equal "trouble is told once, and its end once, to everybody"
    '(2 (("ann" open "backup") ("bob" open "backup"))
      0 2 (("ann" closed "backup") ("bob" closed "backup")) 0)
    (with-store (store reader)
      (report! store "backup" noon 'critical)
      (let* ((opened (judge! store reader #:notifiers '("ann" "bob")))
             (told (notices reader))
             (again (judge! store reader #:notifiers '("ann" "bob"))))
        (report! store "backup" (+ noon hour) 'ok)
        (let ((closed (judge! store reader #:notifiers '("ann" "bob"))))
          (list opened told again closed (drop (notices reader) 2) (unjudged reader))))))

  (test-equal "a service that was always well is nobody's business"
    '(0 0)
    (with-store (store reader)
      (report! store "backup" noon 'ok)
      (list (judge! store reader) (unjudged reader))))

  (test-equal "what lies between does not end it, and begins nothing"
    '(("ann" open "backup") ("ann" closed "backup"))
    (with-store (store reader)
      (for-each (lambda (status i)
                  (report! store "backup" (+ noon (* i second)) status)
                  (judge! store reader))
                '(warning unknown critical warning missing unknown critical ok warning)
                (iota 9))
      (notices reader)))

  (test-equal "what came together is judged in its order"
    '((("ann" open "backup") ("ann" closed "backup") ("ann" open "backup"))
      ((0 1) (2 #f)))
    (with-store (store reader)
      (for-each (lambda (status i) (report! store "backup" (+ noon i) status))
                '(critical ok critical) '(0 1 2))
      (judge! store reader)
      (list (notices reader)
            (select reader "SELECT opened - ?1, closed - ?1 FROM incident ORDER BY incident_id"
                    noon))))

  (test-equal "more changes than are judged at a time"
    '(900 0)
    (with-store (store reader)
      (store-transact! store
                       (append-map (lambda (i)
                                     (report (format #f "s~a" (modulo i 7)) (+ noon i)
                                             (if (even? (quotient i 7)) 'critical 'ok)))
                                   (iota 900)))
      (list (judge! store reader) (unjudged reader))))

  (test-equal "what is said: when, how, and what was printed"
    `(("critical" "exit 2 after 3m" 1700000000 1700000000 "no space\nleft")
      ("ok" "exit 2" 1700007440 1700000000 ""))
    (with-store (store reader)
      (report! store "backup" noon 'critical #:summary "exit 2 after 3m"
               #:data "{\"stdout\":{\"text\":\"no space\\n\"},\"stderr\":{\"text\":\"left\\n\"}}")
      (judge! store reader)
      (let ((opened (said reader "status" "summary" "since" "began" "output")))
        (report! store "backup" (+ noon (* 7440 second)) 'ok)
        (judge! store reader)
        (list opened (said reader "status" "summary" "since" "began" "output")))))

  (test-equal "what is older than what was judged is marked, and told to nobody"
    '(() 0)
    (with-store (store reader)
      (report! store "backup" noon 'critical)
      (report! store "backup" (+ noon hour) 'ok #:judged 1)
      (judge! store reader)
      (list (notices reader) (unjudged reader))))

  (test-equal "a state that takes the place of one that was judged ends its incident"
    '(("ann" open "backup") ("ann" closed "backup"))
    (with-store (store reader)
      (report! store "backup" noon 'critical)
      (judge! store reader)
      ;; Another report with the same time, which counts: the service was well all the time.
      (store-transact! store `(("DELETE FROM state") ))
      (report! store "backup" (- noon hour) 'ok)
      (judge! store reader)
      (unless (equal? '(0) (select-one reader "SELECT closed - opened FROM incident"))
        (error "an incident cannot end before it began"))
      (notices reader)))

  (test-equal "an interrupted judgement leaves nothing, and is made again"
    '(0 1 (("ann" open "backup")))
    (with-store (store reader)
      (report! store "backup" noon 'critical)
      ;; The transaction fails at its last statement.
      (store-transact! store '(("CREATE TRIGGER stop BEFORE UPDATE OF judged ON state
                                 BEGIN SELECT raise(ABORT, 'stop'); END")))
      (with-exception-handler (const #f)
        (lambda () (judge! store reader))
        #:unwind? #t)
      (let ((left (car (select-one reader "SELECT (SELECT count(*) FROM incident)
                                                + (SELECT count(*) FROM notice)"))))
        (store-transact! store '(("DROP TRIGGER stop")))
        (list left (judge! store reader) (notices reader)))))

  (test-equal "two judgements at once make one notice"
    '(1 (("ann" open "backup")))
    (with-store (store reader)
      (report! store "backup" noon 'critical)
      (let ((made 0) (over 0))
        (for-each (lambda (_)
                    (spawn-task (lambda ()
                                  (let ((n (judge! store reader)))
                                    (set! made (+ made n))
                                    (set! over (+ over 1))))))
                  '(1 2))
        (let wait () (unless (= over 2) (sleep 0.001) (wait)))
        (list made (notices reader)))))

  (test-equal "a state that a late report alters meanwhile is judged as it is then"
    '(() 0)
    (with-store (store reader)
      (report! store "backup" noon 'critical)
      (let ((over #f))
        ;; The policy is asked when the change has been read and not yet committed.
        (judge! store reader
                #:policy (lambda (change opened notifiers)
                           (unless over
                             (set! over #t)
                             (spawn-task
                              (lambda ()
                                (store-transact! store '(("UPDATE state SET status = 0"))))))
                           (default-policy change opened notifiers))))
      (list (notices reader) (unjudged reader))))

  (test-equal "a report that is committed while we judge is told once, with what it changed"
    '(0 ("ann" open "backup"))
    (with-store (store reader)
      (report! store "other" noon 'ok)
      (let ((over #f))
        (judge! store reader
                #:policy (lambda (change opened notifiers)
                           (unless over
                             (set! over #t)
                             (report! store "backup" noon 'critical #:inform "ann"))
                           (default-policy change opened notifiers))))
      (cons (unjudged reader) (notices reader))))

  (test-equal "an incident has the worst status that it came to"
    '(2 (2 ("critical")))
    (with-store (store reader)
      (let ((policy (lambda (change opened notifiers)
                      (values (match (change-status change)
                                ('ok (and opened 'close))
                                (_ (and (not opened) 'open)))
                              notifiers)))
            (worst (lambda ()
                     (car (select-one reader "SELECT status FROM incident
                                              ORDER BY incident_id DESC LIMIT 1")))))
        (for-each (lambda (status i) (report! store "backup" (+ noon i) status))
                  '(warning critical missing unknown) (iota 4))
        (judge! store reader #:policy policy)
        (let ((within-one-judgement (worst)))
          (for-each (lambda (status i)
                      (report! store "backup" (+ noon i) status)
                      (judge! store reader #:policy policy))
                    '(ok warning critical warning) (iota 4 10))
          (list within-one-judgement
                (list (worst) (map (lambda (row) (symbol->string (number->status (car row))))
                                   (select reader "SELECT status FROM incident
                                                   WHERE closed IS NULL"))))))))

  (test-equal "another policy: warnings too, and not everybody is told"
    '(("bob" open "backup"))
    (with-store (store reader)
      (report! store "backup" noon 'warning)
      (judge! store reader #:notifiers '("ann" "bob")
              #:policy (lambda (change opened notifiers)
                         (values (and (eq? 'warning (change-status change)) 'open)
                                 (delete "ann" notifiers))))
      (notices reader)))

  (test-equal "who is asked to be informed is, whatever the policy says"
    '((("ann" inform "backup")) ("ok" "done" 1700000000))
    (with-store (store reader)
      (report! store "backup" noon 'ok #:inform "ann" #:summary "done")
      (judge! store reader #:notifiers '("bob" "ann"))
      (list (notices reader) (said reader "status" "summary" "since"))))

  (test-equal "who is told of the trouble anyway is not told of the same run again"
    '(("ann" open "backup") ("bob" open "backup"))
    (with-store (store reader)
      (report! store "backup" noon 'critical #:inform "ann")
      (judge! store reader #:notifiers '("ann" "bob"))
      (notices reader)))

  (test-equal "somebody whom nobody knows: kept, with the reason"
    '(0 ("eve" "no notifier is called eve" 1))
    (with-store (store reader)
      (%set-log-level 'error)
      (report! store "backup" noon 'ok #:inform "eve")
      (judge! store reader)
      (list (unjudged reader)
            (select-one reader "SELECT notifier, error, failed IS NOT NULL FROM notice")))))
