;;; store.scm -- how the store is: its file, and what in it somebody should see to.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog diagnosis store)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (sheepdog core)
  #:use-module (sheepdog diagnosis finding)
  #:use-module (sheepdog error)
  #:use-module (sheepdog herd-state)
  #:use-module (sheepdog machine)
  #:use-module (sheepdog plugin-loader)
  #:use-module (sheepdog program)
  #:use-module (sheepdog running)
  #:use-module (sheepdog store)
  #:use-module (sheepdog table)
  #:use-module (sheepdog unit)
  #:export (look-at-store who-is-to-blame))

(define integrity-limit 20)  ; seconds

(define (look-at-store places broker)
  "A list of <finding> about the store of the state directory PLACES, where reports travel by BROKER, 'local
or a URL."
  (let ((path (place places 'store)))
    (define (unreadable exception)
      (if (memq (core-error-code exception) '(corrupt))
          (list (finding "store" 'critical
                         (format #f "the store is damaged: ~a" (exception->text exception))
                         how-to-bring-back))
          (raise-exception exception)))
    (define (look)
      (let ((reader (open-reader path)))
        (append (look-at-store-file reader path)
                (look-at-dead-letters reader)
                (look-at-notices reader)
                (look-at-clocks reader))))
    (cond
     ((file-exists? path)
      (with-exception-handler unreadable look
                              #:unwind? #t #:unwind-for-type &core-error))
     ((eq? broker 'local)
      (list (finding "store" 'warning (format #f "there is no store at ~a" path)
                     "sheepdog-daemon makes it when it is started")))
     ((or (lock-holder (place places 'lock)) (answers? (place places 'drop)))
      ;; A machine that is watched, and whose reports go elsewhere.
      (list (finding "store" 'ok
                     (format #f "none here; reports go on to ~a, and the store is where \
sheepdog-queue-daemon runs" (%broker-address broker)))))
     (else
      (list (finding "store" 'warning (format #f "there is no store at ~a" path)
                     "it is where sheepdog-queue-daemon runs; look there"))))))

(define (file-size path)
  (if (file-exists? path) (stat:size (stat path)) 0))

(define (look-at-store-file reader path)
  (match (select-one reader "SELECT (SELECT user_version FROM pragma_user_version),
(SELECT count(*) FROM service), (SELECT count(*) FROM report)")
    ((schema services reports)
     (let ((free (file-system-room (dirname path)))
           (size (file-size path))
           (wal (file-size (string-append path "-wal"))))
       (append
        (list
         (finding "store" 'ok
                  (format #f "~a: schema ~a, ~a, ~a of ~a" path schema (format-bytes size)
                          (format-count reports "report") (format-count services "service"))))
        (if (> wal (max (mebibytes 256) size))
            (list (finding "store" 'warning
                           (format #f "~a of changes wait to be moved into the store"
                                   (format-bytes wal))
                           "a question that runs for long, or a REPL, holds an old view of it"))
            '())
        (if (and free (< free (mebibytes 200)))
            (list (finding "store" 'critical
                           (format #f "~a are left on the disk of ~a" (format-bytes free) path)
                           "make room; until then reports wait in the spool"))
            '())
        (list (check-integrity reader)))))))

(define (file-system-room path)
  (false-if-exception (assq-ref (file-system-space path) 'available)))

(define (check-integrity reader)
  (%reader-deadline reader integrity-limit)
  (let ((result (with-exception-handler
                    (lambda (exception)
                      (if (eq? 'timeout (core-error-code exception))
                          (finding "integrity" 'ok
                                   (format #f "no damage found in the ~a s that were looked for it"
                                           integrity-limit))
                          (damaged (exception->text exception))))
                  (lambda ()
                    (match (select-one reader "SELECT * FROM pragma_quick_check(1)")
                      (("ok") (finding "integrity" 'ok "the store is not damaged"))
                      ((text) (damaged text))))
                  #:unwind? #t #:unwind-for-type &core-error)))
    (%reader-deadline reader #f)
    result))

(define (damaged text)
  (finding "integrity" 'critical (string-append "the store is damaged: " text) how-to-bring-back))

(define how-to-bring-back
  "stop the daemon, keep a copy of the file, and bring back a backup, as README.org \
says under \"Installing\"; without one, `sqlite3 .recover' saves what can be saved")

(define (look-at-dead-letters reader)
  (call-with-values (lambda () (dead-letter-reasons reader))
    (lambda (reasons dropped)
      (if (null? reasons)
          (list (finding "dead letters" 'ok "none"))
          (map (match-lambda
                 ((reason count newest)
                  (finding "dead letters" (if (recent? newest) 'warning 'ok)
                           (format #f "~a, the last ~a: ~a" (format-count count "report")
                                   (format-ago newest) reason)
                           (if (recent? newest)
                               (string-append "`sheepdog doctor --dead-letters' shows them; mend "
                                              (who-is-to-blame reason)
                                              ", and 7 days after the last one all is well again")
                               #f))))
               reasons)))))

(define receiver-pattern
  (make-regexp "^receiver ([^ :]+):? ((/.*\\.[a-z]+)(:[0-9]+:[0-9]+)?: )?"))

(define (who-is-to-blame reason)
  "Who is to be mended where a dead letter has REASON, in words."
  (define found (regexp-exec receiver-pattern reason))
  (cond
   ((not found) "who sends them")
   ((match:substring found 3) => (lambda (file) (string-append "the receiver " file)))
   ;; One that comes with Sheepdog says what is wrong with the report.
   ((memq (string->symbol (match:substring found 1)) (builtin-plugin-names)) "who sends them")
   (else (format #f "the receiver of the plugin ~a" (match:substring found 1)))))

(define (look-at-notices reader)
  (map (match-lambda
         ((notifier count given-up? error newest)
          (let ((new? (or (not given-up?) (recent? newest))))
            (finding "notices" (cond ((not new?) 'ok) (given-up? 'critical) (else 'warning))
                     (format #f "~a for ~a ~a, the last ~a: ~a" (format-count count "notice") notifier
                             (if given-up? "could not be delivered" "cannot be delivered so far")
                             (format-ago newest) error)
                     (and new? "see to the notifier's settings, and to who is to take it")))))
       (undelivered-notices reader)))

(define usual-skew 300) ; seconds that a reporter's clock may be ahead of ours

(define (look-at-clocks reader)
  (define ahead (- (or (newest-time reader) 0) (%now)))
  `(,@(map (match-lambda
             ((host skew)
              (finding "clock" 'warning
                       (format #f "the clock of ~a is ~a ahead" host (format-seconds skew))
                       "let it keep its time, by chrony or systemd-timesyncd")))
           (skewed-hosts reader))
    ,@(if (> ahead usual-skew)
          (list (finding "clock" 'warning
                         (format #f "the store has a report that is ~a ahead of this machine's clock"
                                 (format-seconds ahead))
                         "set the clock right; until it is past that time, what happens is stored as \
just after the newest report"))
          '())))
