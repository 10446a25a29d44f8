;;; delivery-test.scm -- every notice is told once, however often that fails at first.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 textual-ports)
             (sheepdog core)
             (sheepdog courier)
             (sheepdog delivery)
             (sheepdog error)
             (sheepdog notice)
             (sheepdog notifier)
             (sheepdog store)
             (sheepdog task)
             (sheepdog test)
             (sheepdog test-store)
             (srfi srfi-1)
             (srfi srfi-64))

(%set-log-level 'error)

(define now 1700000000)

(define errands (make-parameter #f)) ; directory

(define-syntax-rule (with-deliveries (store reader) body ...)
  ;; BODY with a new store; what it began to deliver ends with it.
  (call-with-store
   (lambda (store reader path)
     (errands (string-append (dirname path) "/errands"))
     (let ((result (begin body ...)))
       (stop-all)
       result))))

(define* (notice! store notifier incident #:key (kind 'opened) (due now))
  "A notice to NOTIFIER of INCIDENT, a number."
  (store-transact!
   store
   `(("INSERT OR IGNORE INTO host(host_id, name) VALUES(1, 'tux01')")
     ("INSERT OR IGNORE INTO service(service_id, host_id, name, plugin) VALUES(?, 1, ?, 'run')"
      ,incident ,(number->string incident))
     ("INSERT OR IGNORE INTO incident(incident_id, service_id, opened, status) VALUES(?1, ?1, 0, 2)"
      ,incident)
     ("INSERT INTO notice(incident_id, kind, notifier, message, created, due)
       VALUES(?, ?, ?, ?, ?, ?)"
      ,incident ,kind ,notifier
      ,(%scm->json `(("state" . ,(if (eq? kind 'closed) 'closed 'open)) ("host" . "tux01")
                     ("service" . ,(number->string incident)) ("status" . critical)
                     ("summary" . "exit 2") ("since" . 1) ("began" . 1) ("output" . "")))
      ,(* now 1000000) ,(* due 1000000)))))

(define* (notifier name told #:optional (before (const #t)))
  "A notifier that calls BEFORE with the notice, and if that returns, keeps it in the box TOLD."
  (make-notifier name
                 (lambda (notice)
                   (before notice)
                   (set-car! told (append (car told) (list notice)))
                   #f)
                 (const #t)))

(define (box) (list '()))

(define (wait-for condition)
  (let ((end (+ (%monotonic) 20)))
    (let wait ()
      (or (condition)
          (if (> (%monotonic) end)
              (error "waited too long")
              (begin (sleep 0.002) (wait)))))))

(define (told told) (map (lambda (n) (list (notice-service n) (notice-state n))) (car told)))

(define (sent reader)
  (car (select-one reader "SELECT count(*) FROM notice WHERE sent IS NOT NULL")))

(define deliveries '())

(define (stop-all)
  (for-each (lambda (delivery) (stop-delivery! delivery #:patience 0)) deliveries)
  (set! deliveries '()))

(define* (deliver store reader notifiers #:key (at now) (give-up 1000))
  "A delivery whose clock shows AT when it starts."
  (let* ((start (%monotonic))
         (delivery (start-delivery store reader
                                   (if (procedure? notifiers) notifiers (const notifiers))
                                   (errands)
                                   #:now (lambda () (+ at (- (%monotonic) start)))
                                   #:give-up give-up #:first-delay 0.01 #:longest-delay 0.05)))
    (set! deliveries (cons delivery deliveries))
    delivery))

(test-suite "delivery"
  (test-equal "what waits is told, in order, and what comes later too"
    '((("1" open) ("1" closed) ("2" open)) 3)
    (with-deliveries (store reader)
      (let* ((ann (box))
             (delivery #f))
        (notice! store "ann" 1)
        (notice! store "ann" 1 #:kind 'closed)
        (set! delivery (deliver store reader (list (notifier "ann" ann))))
        (wait-for (lambda () (= 2 (sent reader))))
        (notice! store "ann" 2)
        (delivery-wake! delivery)
        (wait-for (lambda () (= 3 (sent reader))))
        (list (told ann) (sent reader)))))

  (test-equal "what is to be said later is said later"
    '(0 1)
    (with-deliveries (store reader)
      (let ((ann (box)) (time now))
        (notice! store "ann" 1 #:due (+ now 10))
        (let ((delivery (start-delivery store reader (lambda () (list (notifier "ann" ann)))
                                        (errands) #:now (lambda () time))))
          (set! deliveries (list delivery))
          (settle-delivery! delivery)
          (let ((early (length (car ann))))
            (set! time (+ now 10))
            (delivery-wake! delivery)
            (wait-for (lambda () (= 1 (sent reader))))
            (list early (length (car ann))))))))

  (test-equal "tried again while the error is transient, with the same id, and marked when taken"
    '(4 1 (4 #f))
    (with-deliveries (store reader)
      (let* ((ann (box)) (ids '())
             (fail (lambda (notice)
                     (set! ids (cons (notice-id notice) ids))
                     (when (< (length ids) 4)
                       (raise-delivery-failed #f "not now")))))
        (notice! store "ann" 1)
        (deliver store reader (list (notifier "ann" ann fail)) #:at now)
        (wait-for (lambda () (= 1 (sent reader))))
        (list (length ids) (length (delete-duplicates ids))
              (select-one reader "SELECT attempts, error FROM notice")))))

  (test-equal "given up at once where it never will be taken, and others are told still"
    '((1 "no such mailbox") (("2" open)))
    (with-deliveries (store reader)
      (let ((ann (box)))
        (notice! store "ann" 1)
        (notice! store "ann" 2)
        (deliver store reader
                 (list (notifier "ann" ann
                                 (lambda (notice)
                                   (when (string=? "1" (notice-service notice))
                                     (raise-delivery-failed #t "no such mailbox"))))))
        (wait-for (lambda () (= 1 (sent reader))))
        (list (select-one reader "SELECT attempts, error FROM notice WHERE failed IS NOT NULL")
              (told ann)))))

  (test-equal "given up when it is too old, with the reason"
    '(1 "after 1.0s: not now")
    (with-deliveries (store reader)
      (notice! store "ann" 1)
      (deliver store reader
               (list (notifier "ann" (box) (lambda _ (raise-delivery-failed #f "not now"))))
               #:give-up 1 #:at (+ now 1))
      (wait-for (lambda () (select-one reader "SELECT 1 FROM notice WHERE failed IS NOT NULL")))
      (select-one reader "SELECT attempts, error FROM notice")))

  (test-equal "an error of another kind is transient too"
    '(("1" open))
    (with-deliveries (store reader)
      (let ((ann (box)) (n 0))
        (notice! store "ann" 1)
        (deliver store reader
                 (list (notifier "ann" ann (lambda _ (set! n (+ n 1)) (when (= n 1) (car '()))))))
        (wait-for (lambda () (= 1 (sent reader))))
        (told ann))))

  (test-equal "a notifier that hangs, or fails, is in nobody's way"
    '(("1" open) ("2" open) ("3" open))
    (with-deliveries (store reader)
      (let ((bob (box)))
        (for-each (lambda (i)
                    (for-each (lambda (name) (notice! store name i)) '("ann" "bob" "eve")))
                  '(1 2 3))
        (deliver store reader
                 (list (notifier "ann" (box) (lambda _ (sleep 60)))
                       (notifier "eve" (box) (lambda _ (raise-delivery-failed #f "not now")))
                       (notifier "bob" bob)))
        (wait-for (lambda () (= 3 (sent reader))))
        (told bob))))

  (test-equal "the end is not told before the beginning, other troubles are"
    '(("2" open) ("1" open) ("1" closed))
    (with-deliveries (store reader)
      (let ((ann (box)) (n 0))
        (notice! store "ann" 1)
        (notice! store "ann" 1 #:kind 'closed)
        (notice! store "ann" 2 )
        (deliver store reader
                 (list (notifier "ann" ann
                                 (lambda (notice)
                                   (when (and (string=? "1" (notice-service notice)) (null? (car ann)))
                                     (raise-delivery-failed #f "not now"))))))
        (wait-for (lambda () (= 3 (sent reader))))
        (told ann))))

  (test-equal "what was interrupted is told after all, as the same notice"
    '(1 (2 #f))
    (with-deliveries (store reader)
      (let ((ann (box)))
        (notice! store "ann" 1)
        ;; As a daemon leaves it that dies while it sends.
        (store-transact! store '(("UPDATE notice SET attempts = 1")))
        (deliver store reader (list (notifier "ann" ann)))
        (wait-for (lambda () (= 1 (sent reader))))
        (list (length (car ann)) (select-one reader "SELECT attempts, error FROM notice")))))

  (test-equal "what a courier brought back for a daemon that died is not done again"
    '(() 1 (1 #f) #f)
    (with-deliveries (store reader)
      (let ((ann (box)))
        (notice! store "ann" 1)
        (store-transact! store '(("UPDATE notice SET attempts = 1")))
        (mkdir (errands))
        (mkdir (string-append (errands) "/1"))
        (call-with-output-file (string-append (errands) "/1/outcome")
          (lambda (port) (display "{\"fault\":null}" port)))
        (deliver store reader (list (notifier "ann" ann)))
        (wait-for (lambda () (= 1 (sent reader))))
        (wait-for (lambda () (not (file-exists? (string-append (errands) "/1")))))
        (list (car ann) (sent reader) (select-one reader "SELECT attempts, error FROM notice")
              (file-exists? (string-append (errands) "/1"))))))

  (test-equal "a courier that is under way is waited for; one that never set out will not any more"
    '(("a") 1)
    (with-deliveries (store reader)
      (let* ((path (string-append (errands) "/file"))
             (run (lambda (script)
                    `((kind . "command") (argv . ,(vector "/bin/sh" "-c" script)) (input . "")
                      (timeout . 30))))
             (lines (lambda ()
                      (if (file-exists? path)
                          (string-split (string-trim-right
                                         (call-with-input-file path get-string-all))
                                        #\newline)
                          '()))))
        (mkdir (errands))
        (notice! store "ann" 1)
        (store-transact! store '(("UPDATE notice SET attempts = 1")))
        ;; As a daemon does that dies afterwards: nobody here waits for this courier.
        (spawn-task (lambda ()
                      (send-courier (string-append (errands) "/1")
                                    (run (format #f "sleep 0.3; echo a >>~a" path))))
                    #:on-end (const #t))
        (sleep 0.1)
        (deliver store reader
                 (list (make-notifier "ann" (lambda (notice) (run (format #f "echo b >>~a" path)))
                                      (const #t))))
        (wait-for (lambda () (= 1 (sent reader))))
        (list (lines) (sent reader)))))

  (test-equal "that it was taken is written down though the store fails for a while"
    '(1 1)
    (with-deliveries (store reader)
      (let ((ann (box)))
        (notice! store "ann" 1)
        (store-transact! store '(("CREATE TRIGGER stop BEFORE UPDATE OF sent ON notice
                                   BEGIN SELECT raise(ABORT, 'stop'); END")))
        (%set-log-level 'error)
        (deliver store reader (list (notifier "ann" ann)))
        (wait-for (lambda () (pair? (car ann))))
        (sleep 0.05)
        (store-transact! store '(("DROP TRIGGER stop")))
        (wait-for (lambda () (= 1 (sent reader))))
        (list (length (car ann)) (sent reader)))))

  (test-equal "a store that cannot be read for a while ends no notifier's task"
    '(("1" open))
    (with-deliveries (store reader)
      (let ((ann (box)))
        (notice! store "ann" 1)
        (store-transact! store '(("ALTER TABLE notice RENAME TO elsewhere")))
        (let ((delivery (deliver store reader (list (notifier "ann" ann)))))
          (delivery-wake! delivery)
          (store-transact! store '(("ALTER TABLE elsewhere RENAME TO notice")))
          (delivery-wake! delivery)
          (wait-for (lambda () (= 1 (sent reader))))
          (told ann)))))

  (test-equal "a notice that cannot be read is in no other's way"
    '((("2" open)) (1 "it cannot be read: not JSON: wrong at byte 2"))
    (with-deliveries (store reader)
      (let ((ann (box)))
        (notice! store "ann" 1)
        (notice! store "ann" 2)
        (store-transact! store '(("UPDATE notice SET message = '{' WHERE incident_id = 1")))
        (deliver store reader (list (notifier "ann" ann)))
        (wait-for (lambda () (= 1 (sent reader))))
        (list (told ann)
              (select-one reader "SELECT incident_id, error FROM notice
                                   WHERE failed IS NOT NULL")))))

  (test-equal "an errand that cannot be removed ends nothing"
    '(("1" open) ("2" open))
    (with-deliveries (store reader)
      (let ((ann (box)))
        (notice! store "ann" 1)
        (notice! store "ann" 2)
        (mkdir (errands))
        (mkdir (string-append (errands) "/1"))
        (mkdir (string-append (errands) "/1/kept"))
        (deliver store reader (list (notifier "ann" ann)))
        (wait-for (lambda () (= 2 (sent reader))))
        (told ann))))

  (test-equal "a notice that is withdrawn before its attempt is neither told nor marked sent"
    '(() (#f 1 "withdrawn"))
    (with-deliveries (store reader)
      (let ((ann (box)))
        (notice! store "ann" 1)
        ;; It is given up between being read and its attempt being counted.
        (store-transact! store '(("CREATE TRIGGER withdraw BEFORE UPDATE OF attempts ON notice BEGIN
                                   UPDATE notice SET failed = 1, error = 'withdrawn';
                                   SELECT raise(IGNORE); END")))
        (settle-delivery! (deliver store reader (list (notifier "ann" ann))))
        (list (car ann) (select-one reader "SELECT sent, failed, error FROM notice")))))

  (test-equal "a notifier that is added later is told what waits for it"
    '(("1" open))
    (with-deliveries (store reader)
      (let* ((ann (box)) (notifiers '())
             (delivery (deliver store reader (lambda () notifiers))))
        (notice! store "ann" 1)
        (delivery-wake! delivery)
        (settle-delivery! delivery)
        (set! notifiers (list (notifier "ann" ann)))
        (delivery-wake! delivery)
        (wait-for (lambda () (= 1 (sent reader))))
        (told ann))))

  (test-equal "what waits for a notifier that never comes is given up"
    '("no notifier is called eve")
    (with-deliveries (store reader)
      (notice! store "eve" 1)
      (deliver store reader '() #:at (+ now 10) #:give-up 1)
      (wait-for (lambda () (select-one reader "SELECT 1 FROM notice WHERE failed IS NOT NULL")))
      (select-one reader "SELECT error FROM notice")))

  (test-equal "stopping lets what is under way come to its end, and begins nothing more"
    '(1 1 0)
    (with-deliveries (store reader)
      (let ((ann (box)))
        (notice! store "ann" 1)
        (notice! store "ann" 2)
        (let* ((begun 0)
               (delivery (deliver store reader
                                  (list (notifier "ann" ann
                                                  (lambda _ (set! begun (+ begun 1)) (sleep 0.1)))))))
          (wait-for (lambda () (= begun 1)))
          (stop-delivery! delivery #:patience 10)
          (list (sent reader) begun
                (car (select-one reader "SELECT attempts FROM notice WHERE sent IS NULL"))))))))
