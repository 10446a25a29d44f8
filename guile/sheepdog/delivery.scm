;;; delivery.scm -- tells the notices: each to its notifier, until it is taken or given up.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A notice waits in the store until its notifier has taken it, and only then is it marked sent.
;;; Before each attempt the attempt is counted, in a transaction of its own.  Mails and commands are
;;; carried by a courier, a process that outlives the daemon: a daemon that finds an attempt begun
;;; and not ended asks for what the courier brought back, and waits for one that is still under way.
;;; So a daemon that dies at any moment tells nothing twice and loses nothing.  Only where the
;;; courier dies too, as when the machine fails or a supervisor ends everything at once, after the
;;; other side took a notice and before that was written down, is this one notice told again, with
;;; the same id (Message-ID of a mail, "id" of a command's JSON); the other side is no part of our
;;; transaction.  The console has no courier: what was being written may come again.
(define-module (sheepdog delivery)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog courier)
  #:use-module (sheepdog error)
  #:use-module (sheepdog notice)
  #:use-module (sheepdog notifier type)
  #:use-module (sheepdog store)
  #:use-module (sheepdog stored-form)
  #:use-module (sheepdog task)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (start-delivery delivery-wake! settle-delivery! stop-delivery!))

(define-record-type <delivery>
  (make-delivery store reader notifiers directory first-delay longest-delay give-up now tasks stopped? sending
                 waiting)
  delivery?
  (store delivery-store)
  (reader delivery-reader)
  (notifiers delivery-notifiers)         ; thunk -> list of <notifier>
  (directory delivery-directory)         ; string: where couriers keep their errands
  (first-delay delivery-first-delay)     ; seconds before the second attempt; then it doubles
  (longest-delay delivery-longest-delay) ; seconds
  (give-up delivery-give-up)             ; seconds after which a notice is given up
  (now delivery-now)                     ; thunk -> seconds since the epoch
  (tasks delivery-tasks set-delivery-tasks!)         ; names of the notifiers whose task runs
  (stopped? delivery-stopped? set-delivery-stopped!) ; true: no attempt begins any more
  (sending delivery-sending set-delivery-sending!)   ; how many attempts are under way
  (waiting delivery-waiting set-delivery-waiting!))  ; list of thunks that wake who waits

(define (now-micros delivery) (seconds->micros ((delivery-now delivery))))

(define* (start-delivery store reader notifiers directory
                         #:key (first-delay 5) (longest-delay (minutes 15)) (give-up (days 7))
                         (now (lambda () (%now))))
  "Deliver the notices of STORE, which READER reads, from now on, each notifier in a task of its own;
NOTIFIERS is called for the list of those there are, errands are kept in DIRECTORY.  What fails for now
is tried again after FIRST-DELAY seconds, then twice that and so on up to LONGEST-DELAY, until the notice
is GIVE-UP seconds old.  Returns a delivery, for `delivery-wake!'."
  (let ((delivery (make-delivery store reader notifiers directory first-delay longest-delay
                                 give-up now '() #f 0 '())))
    (forget-old-errands delivery)
    (delivery-wake! delivery)
    (spawn-task (lambda () (give-up-forever delivery)) #:name "notices that nobody takes")
    delivery))

(define (give-up-forever delivery)
  ;; What waits for a notifier that is not configured any more is not kept waiting for ever.
  (let loop ()
    (transact-at-last
     delivery
     `(("UPDATE notice SET failed = ?1, error = coalesce(error, 'no notifier is called ' || notifier)
         WHERE sent IS NULL AND failed IS NULL AND created < ?1 - ?2"
        ,(now-micros delivery)
        ,(seconds->micros (+ (delivery-give-up delivery) (delivery-longest-delay delivery))))))
    (sleep 3600)
    (unless (delivery-stopped? delivery) (loop))))

(define (delivery-wake! delivery)
  "There may be new notices, or other notifiers, for DELIVERY."
  (for-each
   (lambda (notifier)
     (let ((name (notifier-name notifier)))
       (unless (or (delivery-stopped? delivery) (member name (delivery-tasks delivery)))
         (set-delivery-tasks! delivery (cons name (delivery-tasks delivery)))
         (spawn-task (lambda () (deliver-forever delivery name))
                     #:name (string-append "notifier " name)))))
   ((delivery-notifiers delivery)))
  (wake-all delivery))

(define (wake-all delivery)
  (let ((waiting (delivery-waiting delivery)))
    (set-delivery-waiting! delivery '())
    (for-each (lambda (wake) (wake)) waiting)))

(define (wait-for-wake delivery seconds)
  ;; Until delivery-wake!, or for SECONDS where that is a number.
  (suspend
   (lambda (resume)
     (let* ((timer #f)
            (wake (lambda ()
                    (when timer (%timer-stop timer))
                    (resume (const #t)))))
       (set-delivery-waiting! delivery (cons wake (delivery-waiting delivery)))
       (when seconds
         (set! timer (%timer-start seconds
                                   (lambda ()
                                     (set! timer #f)
                                     (set-delivery-waiting! delivery
                                                            (delq wake (delivery-waiting delivery)))
                                     (resume (const #t))))))
       (lambda ()
         (when timer (%timer-stop timer))
         (set-delivery-waiting! delivery (delq wake (delivery-waiting delivery))))))))

(define (find-notifier delivery name)
  (find (lambda (notifier) (string=? name (notifier-name notifier)))
        ((delivery-notifiers delivery))))

;; A clock that was set back must not make a notice wait longer than it may.
(define due "n.sent IS NULL AND n.failed IS NULL AND (n.due <= ?1 OR n.due > ?1 + ?2)")

;; Of one incident the end is not told before the beginning.
(define next-in-turn
  "NOT EXISTS (SELECT 1 FROM notice e WHERE e.incident_id = n.incident_id
               AND e.notifier = n.notifier AND e.notice_id < n.notice_id
               AND e.sent IS NULL AND e.failed IS NULL)")

(define (next-notice delivery name)
  (select-one (delivery-reader delivery)
              (string-append
               "SELECT n.notice_id, n.incident_id, n.message, n.created, n.attempts,
                       n.attempts > 0 AND n.error IS NULL
                  FROM notice n WHERE n.notifier = ?3 AND " due " AND " next-in-turn
               " ORDER BY n.due, n.notice_id LIMIT 1")
              (now-micros delivery) (seconds->micros (delivery-longest-delay delivery)) name))

(define (seconds-to-next delivery name)
  ;; #f where nothing waits; at most a minute, since the clock may be set meanwhile.
  (match (select-one (delivery-reader delivery)
                     (string-append "SELECT min(n.due) FROM notice n WHERE n.sent IS NULL
                                     AND n.failed IS NULL AND n.notifier = ? AND " next-in-turn)
                     name)
    ((#f) #f)
    ((due) (max 0.01 (min 60 (/ (- due (now-micros delivery)) 1e6))))))

(define (deliver-forever delivery name)
  ;; Whatever ends this task, delivery-wake! can begin another.
  (define (over!) (set-delivery-tasks! delivery (delete name (delivery-tasks delivery))))
  (with-exception-handler
      (lambda (exception) (over!) (raise-exception exception))
    (lambda ()
      (let loop ((failed? #f))
        (let ((notifier (find-notifier delivery name)))
          (when (and notifier (not (delivery-stopped? delivery)))
            (loop (not (deliver-next delivery notifier failed?))))))
      (over!))
    #:unwind? #t))

(define (deliver-next delivery notifier said?)
  "Tell NOTIFIER what is due, or wait until there may be something; #f where that failed, which is
logged unless SAID?."
  (with-exception-handler
      (lambda (exception)
        (unless said?
          (log-error "notifier ~a: ~a; trying again" (notifier-name notifier)
                     (exception->text exception)))
        (rest-a-while delivery)
        #f)
    (lambda ()
      (match (next-notice delivery (notifier-name notifier))
        (#f (wait-for-wake delivery (seconds-to-next delivery (notifier-name notifier))))
        (row
         (unless (attempt delivery notifier row)
           ;; One refusal is enough to leave the other side alone for a while.
           (rest-a-while delivery))))
      #t)
    #:unwind? #t))

(define (rest-a-while delivery)
  (let ((end (+ (%monotonic) (delivery-first-delay delivery))))
    (let wait ()
      (let ((left (- end (%monotonic))))
        (unless (or (<= left 0) (delivery-stopped? delivery))
          (wait-for-wake delivery left)
          (wait))))))

(define (transact-at-last delivery statements)
  "Run STATEMENTS, again and again until the store takes them; the list of how many rows changed."
  (let try ((said? #f))
    (or (with-exception-handler
            (lambda (exception)
              (unless said? (log-error "a notice: ~a; trying again" (exception->text exception)))
              #f)
          (lambda () (store-transact! (delivery-store delivery) statements))
          #:unwind? #t #:unwind-for-type &core-error)
        (begin (sleep 1) (try #t)))))

(define (row->notice delivery number incident message created attempt)
  (let* ((said (with-exception-handler
                   (lambda (exception)
                     (raise-delivery-failed #t "it cannot be read: ~a" (exception->text exception)))
                 (lambda () (%json->scm message))
                 #:unwind? #t))
         (ref (lambda (key) (assoc-ref said key)))
         (symbol (lambda (key) (string->symbol (ref key)))))
    (make-notice (format #f "sheepdog-~a-~a@~a" number created (store-id (delivery-store delivery)))
                 number incident (symbol "state") (ref "host") (ref "service") (symbol "status")
                 (ref "summary") (ref "since") (ref "began") (ref "output") attempt)))

(define (errand-directory delivery number)
  (string-append (delivery-directory delivery) "/" (number->string number)))

(define (forget-if-possible directory)
  ;; What is left there is in nobody's way: no other notice has its number.
  (with-exception-handler
      (lambda (exception) (log-warning "~a: ~a" directory (exception->text exception)))
    (lambda () (forget-errand! directory))
    #:unwind? #t))

(define (forget-old-errands delivery)
  ;; Those of notices that wait no more: the daemon died just after it had written that down.
  (for-each (lambda (name)
              (unless (select-one (delivery-reader delivery)
                                  "SELECT 1 FROM notice WHERE notice_id = ? AND sent IS NULL
                                   AND failed IS NULL" (string->number name))
                (forget-if-possible (string-append (delivery-directory delivery) "/" name))))
            (or (scandir (delivery-directory delivery) string->number) '())))

(define (attempt delivery notifier row)
  "Have NOTIFIER tell the notice of ROW; #f where the other side is better left alone for a while."
  (match row
    ((number incident message created attempts (= (lambda (begun) (eqv? begun 1)) begun?))
     (let ((directory (errand-directory delivery number))
           (sending! (lambda (n)
                       (set-delivery-sending! delivery (+ (delivery-sending delivery) n)))))
       (sending! 1)
       (let ((outcome
              (outcome-of
               (lambda ()
                 (let ((notice (row->notice delivery number incident message created
                                            (+ attempts 1))))
                   (match (and begun? (recall-courier directory))
                     (#f (tell delivery notifier notice directory begun?))
                     (brought ((notifier-read-outcome notifier) brought) 'taken)))))))
         (transact-at-last delivery
                           (what-came-of delivery notifier number created (+ attempts 1) outcome))
         (sending! -1)
         (forget-if-possible directory)
         (wake-all delivery)
         (match outcome (('transient . _) #f) (_ #t)))))))

(define (tell delivery notifier notice directory begun?)
  "Count an attempt and make it; return `taken', or `withdrawn' where the notice waits no more.
Errors: any; a &delivery-failed may be permanent."
  (when begun?
    (log-warning "notice ~a: an attempt was interrupted; ~a may be told it twice"
                 (notice-number notice) (notifier-name notifier)))
  (match (transact-at-last delivery
                           `(("UPDATE notice SET attempts = attempts + 1, error = NULL
                               WHERE notice_id = ? AND sent IS NULL AND failed IS NULL"
                              ,(notice-number notice))))
    ((0) 'withdrawn)
    (_ (match ((notifier-tell notifier) notice)
         (#f #t)
         (errand ((notifier-read-outcome notifier) (send-courier directory errand))))
       'taken)))

(define (outcome-of thunk)
  "What THUNK returns, or where it fails a pair: permanent or transient, and the reason."
  (with-exception-handler
      (lambda (exception)
        (cons (if (and (delivery-failed? exception) (delivery-failed-permanent? exception))
                  'permanent
                  'transient)
              (exception->text exception)))
    thunk
    #:unwind? #t))

(define (retry-delay delivery attempts)
  (min (delivery-longest-delay delivery)
       (* (delivery-first-delay delivery) (expt 2 (min 30 (- attempts 1))))))

(define (what-came-of delivery notifier number created attempts outcome)
  "The statements that record what came of the attempt number ATTEMPTS."
  (let* ((now (now-micros delivery))
         (name (notifier-name notifier))
         (give-up (delivery-give-up delivery))
         (fail (lambda (text)
                 (log-error "notice ~a: given up, ~a: ~a" number name text)
                 `(("UPDATE notice SET failed = ?, error = ?
                     WHERE notice_id = ? AND sent IS NULL AND failed IS NULL"
                    ,now ,text ,number)))))
    (match outcome
      ('withdrawn '())
      ('taken
       ;; Though it may have been given up while it was on its way.
       `(("UPDATE notice SET sent = ?, failed = NULL, error = NULL WHERE notice_id = ?"
          ,now ,number)
         ;; The other side is there: what waited for it need not wait any longer.
         ("UPDATE notice SET due = min(due, ?) WHERE sent IS NULL AND failed IS NULL
           AND notifier = ?" ,now ,name)))
      (('permanent . text) (fail text))
      (('transient . text)
       (let ((delay (retry-delay delivery attempts)))
         (if (> (+ now (seconds->micros delay)) (+ created (seconds->micros give-up)))
             (fail (format #f "after ~a: ~a" (format-seconds give-up) text))
             (begin
               (log-warning "notice ~a: ~a: ~a; again in ~a" number name text
                            (format-seconds delay))
               `(("UPDATE notice SET due = ?, error = ?
                   WHERE notice_id = ? AND sent IS NULL AND failed IS NULL"
                  ,(+ now (seconds->micros delay)) ,text ,number)))))))))

(define (wait-until delivery done?)
  (let wait ()
    (unless (done?)
      (wait-for-wake delivery 0.05)
      (wait))))

(define (settle-delivery! delivery)
  "Wait until everything that is due has been tried at least once.  Only in a task."
  (wait-until delivery
              (lambda ()
                (and (zero? (delivery-sending delivery))
                     (every (lambda (notifier) (not (next-notice delivery (notifier-name notifier))))
                            ((delivery-notifiers delivery)))))))

(define* (stop-delivery! delivery #:key (patience 1))
  "Begin no attempt any more; wait until those under way are over, at most PATIENCE seconds.  Only in
a task."
  (set-delivery-stopped! delivery #t)
  (wake-all delivery)
  (let ((end (+ (%monotonic) patience)))
    (wait-until delivery
                (lambda () (or (zero? (delivery-sending delivery)) (> (%monotonic) end))))))
