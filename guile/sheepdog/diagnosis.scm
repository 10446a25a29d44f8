;;; diagnosis.scm -- how Sheepdog itself is: what is found, and what to do about it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog diagnosis)
  #:use-module (ice-9 format)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (sheepdog core)
  #:use-module (sheepdog courier)
  #:use-module (sheepdog error)
  #:use-module (sheepdog herd-state)
  #:use-module (sheepdog machine)
  #:use-module (sheepdog plugin-loader)
  #:use-module (sheepdog program)
  #:use-module (sheepdog running)
  #:use-module (sheepdog store)
  #:use-module (sheepdog table)
  #:use-module (sheepdog task)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (finding finding-part finding-status finding-text finding-advice
            diagnose diagnose-without-permission look-at-groups who-is-to-blame))

(define-immutable-record-type <finding>
  (make-finding part status text advice)
  finding?
  (part finding-part)        ; string: what was looked at
  (status finding-status)    ; ok | warning | critical | unknown
  (text finding-text)        ; string: what was found
  (advice finding-advice))   ; string: what to do, or #f

(define* (finding part status text #:optional advice)
  "The <finding> that PART of Sheepdog, a string, has STATUS, as TEXT says, with ADVICE where there is
something to do."
  (make-finding part status text advice))

(define (diagnose places broker spool-size version)
  "Look at everything that Sheepdog needs: the state directory PLACES, its spool, which may have
SPOOL-SIZE bytes, and the BROKER, 'local or a URL; VERSION is the program's.  Return a list of
<finding>."
  (append
   (guarded "versions" (lambda () (list (versions version))))
   (guarded "directory" (lambda () (look-at-directory places)))
   (guarded "daemon" (lambda () (look-at-daemons places broker)))
   (guarded "broker" (lambda () (look-at-broker broker)))
   (guarded "groups" (lambda () (ask-for-groups broker (place places 'store))))
   (guarded "spool" (lambda () (look-at-spool places spool-size)))
   (guarded "store" (lambda () (look-at-store places broker)))))

(define (guarded part look)
  ;; A look that fails is a finding too.
  (with-exception-handler
      (lambda (exception) (list (finding part 'unknown (exception->text exception))))
    look
    #:unwind? #t))

(define (versions version)
  (finding "versions" 'ok
           (format #f "Sheepdog ~a, Guile ~a~{, ~a~}" version ((@ (guile) version))
                   (append (map (match-lambda ((name . version) (string-append name " " version)))
                                (%library-versions))
                           (list (courier-version))))))

;;; The directory.

(define (diagnose-without-permission places version)
  "What can be said to a user who may not read the state directory PLACES, as a list of <finding>; VERSION
is the program's."
  (append
   (guarded "versions" (lambda () (list (versions version))))
   (list (finding "directory" 'unknown
                  (format #f "~a: you may not read it" (place places 'state-dir))
                  (who-may-read places)))))

(define (look-at-directory places)
  (let ((directory (place places 'state-dir)))
    (if (eq? 'missing (directory-fault directory))
        (list (finding "directory" 'warning (format #f "~a is not there yet" directory)
                       "the daemon makes it when it is started"))
        (let* ((info (stat directory))
               (others (logand (stat:perms info) #o007))
               (writers (logand (stat:perms info) #o022)))
          (list
           (cond
            ((and (not (memv (stat:uid info) (list 0 (geteuid))))
                  (string-prefix? directory (place places 'drop)))  ; not the machine's
             (finding "directory" 'warning
                      (format #f "~a belongs to uid ~a, not to you" directory (stat:uid info))
                      "look with --state-dir at a directory of yours, or as that user"))
            ((not (zero? writers))
             (finding "directory" 'critical (format #f "others can write to ~a" directory)
                      (format #f "chmod go-w ~a" directory)))
            ((not (zero? others))
             (finding "directory" 'warning
                      (format #f "every user can look into ~a, where the output of commands is kept"
                              directory)
                      (format #f "chmod o= ~a" directory)))
            (else (finding "directory" 'ok directory))))))))

;;; The daemons.

(define (look-at-daemons places broker)
  (let ((daemon (lock-holder (place places 'lock)))
        (queue-daemon (lock-holder (place places 'store-lock)))
        (answers? (answers? (place places 'drop))))
    (append
     (list
      (cond
       ((and daemon answers?)
        (finding "daemon" 'ok (format #f "sheepdog-daemon runs, process ~a" daemon)))
       (daemon
        (finding "daemon" 'critical
                 (format #f "sheepdog-daemon, process ~a, does not answer on ~a" daemon
                         (place places 'drop))
                 "look at its log; an evaluation in its REPL that does not end holds it up, too"))
       ;; The lock may be held where /proc does not show it.
       (answers? (finding "daemon" 'ok "sheepdog-daemon answers"))
       ((and queue-daemon (not (eq? broker 'local)))
        (finding "daemon" 'ok "no sheepdog-daemon, which would watch this machine"))
       (else
        (finding "daemon" 'warning "no sheepdog-daemon runs with this state directory"
                 "start sheepdog-daemon; until then reports wait, and nothing is watched"))))
     (if (and queue-daemon (not (eqv? queue-daemon daemon)))
         (list (finding "daemon" 'ok
                        (format #f "sheepdog-queue-daemon runs, process ~a" queue-daemon)))
         '()))))

;;; The broker.

(define (look-at-broker broker)
  (if (eq? broker 'local)
      (list (finding "broker" 'ok "local: the spool carries the reports"))
      (let ((address (%broker-address broker)))
        (with-exception-handler
            (lambda (exception)
              (list (finding "broker" 'critical
                             (exception->text exception)
                             "reports wait in the spool until it answers; is Redis running there, \
and are address and password right?")))
          (lambda ()
            (match (run-task (lambda ()
                               (await (lambda (callback) (%broker-faults broker callback))))
                             #:name "broker")
              (() (list (finding "broker" 'ok (string-append address " keeps what it takes"))))
              (faults
               (map (lambda (fault)
                      (finding "broker" 'warning (format #f "~a: ~a" address fault)
                               "set it in redis.conf, of which etc/redis.conf is a sample"))
                    faults))))
          #:unwind? #t #:unwind-for-type &core-error))))

;;; Who reads the broker's stream.

(define (ask-for-groups broker store)
  ;; A broker that does not answer is a finding already.
  (if (eq? broker 'local)
      '()
      (with-exception-handler (const '())
        (lambda ()
          (look-at-groups (run-task (lambda ()
                                      (await (lambda (callback) (%broker-groups broker callback))))
                                    #:name "groups")
                          (own-group store)
                          (%now)))
        #:unwind? #t #:unwind-for-type &core-error)))

(define (own-group store)
  "The name of the group that the store in the file STORE reads as; #f where there is no such store."
  (and (access? store R_OK)
       (match (select-one (open-reader store) "SELECT value FROM meta WHERE name = 'uuid'")
         ((name) name)
         (#f #f))))

(define abandoned-after (hours 1)) ; seconds in which a daemon that is there has long asked again

(define (look-at-groups groups own now)
  "Findings about those of GROUPS, as %broker-groups has them, that keep the broker from forgetting
entries, though nobody reads as them any more; OWN is the name of ours or #f, NOW the present time."
  (define (abandoned? group)
    (match group
      (#(name pending behind? needed-since idle)
       (and (not (equal? name own))
            (or behind? (> pending 0))
            (> (- now needed-since) abandoned-after)
            (or (not idle) (> idle abandoned-after))))))
  (map (match-lambda
         (#(name pending behind? needed-since idle)
          (finding "groups" 'warning
                   (format #f "nobody has read as the group ~a for ~a~a; the broker keeps all reports \
since ~a for it" name
                           (format-seconds (or idle (- now needed-since)))
                           (if (> pending 0)
                               (format #f ", which left ~a unacknowledged"
                                       (format-count pending "report"))
                               "")
                           (format-time needed-since))
                   (format #f "start its sheepdog-queue-daemon again; where its store is gone for good: \
redis-cli XGROUP DESTROY sheepdog:reports ~a" name))))
       (filter abandoned? groups)))

;;; The spool.

(define stale-after (minutes 10))

(define (look-at-spool places size)
  (append (look-at-drop-box (place places 'state-dir) (place places 'incoming))
          (look-at-incoming (place places 'incoming))
          (look-at-spool-file (place places 'spool) size)))

(define (look-at-spool-file path size)
  (if (not (file-exists? path))
      '()
      (match (%spool-look path)
        (#(entries bytes lost oldest)
         (let ((age (if oldest (- (%now) oldest) 0)))
           (list
            (cond
             ((> lost 0)
              (finding "spool" 'critical
                       (format #f "~a went for want of room; ~a wait"
                               (format-count lost "report") entries)
                       "get the broker to take reports again, or give #:spool-size more"))
             ((> bytes (* 0.8 size))
              (finding "spool" 'critical
                       (format #f "~a % full: ~a of ~a" (percent bytes size)
                               (format-bytes bytes) (format-bytes size))
                       "past its size the oldest successes go first; see to the broker"))
             ((> age stale-after)
              (finding "spool" 'warning
                       (format #f "~a wait, the oldest for ~a" (format-count entries "report")
                               (format-seconds age))
                       "see to the broker, or start the daemon"))
             ((zero? entries) (finding "spool" 'ok "empty"))
             (else
              (finding "spool" 'ok
                       (format #f "~a wait, ~a" (format-count entries "report")
                               (format-bytes bytes)))))))))))

(define (look-at-drop-box state-dir directory)
  ;; Where every user of the machine leaves reports: into it, without seeing or touching the others'.
  (let ((perms (and (file-exists? directory) (stat:perms (stat directory)))))
    (cond
     ((or (not perms) (string-prefix? state-dir directory) (= perms #o1733)) '())
     (else
      (list (finding "spool" (if (zero? (logand perms #o1000)) 'critical 'warning)
                     (format #f "~a has the mode ~o" directory perms)
                     (format #f "chmod 1733 ~a" directory)))))))

(define (look-at-incoming directory)
  (define (files)
    (or (scandir directory (lambda (name) (not (string-prefix? "." name)))) '()))
  (cond
   ((not (file-exists? directory)) '())
   ((not (access? directory R_OK)) '())  ; of the machine: only its owner may list it
   (else
    (match (length (files))
      (0 '())
      (n (list (finding "spool" 'warning
                        (format #f "~a in ~a ~a for a daemon" (format-count n "report") directory
                                (if (= n 1) "waits" "wait"))
                        "start sheepdog-daemon, which collects them")))))))

;;; The store.

(define integrity-limit 20)  ; seconds

(define (look-at-store places broker)
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
