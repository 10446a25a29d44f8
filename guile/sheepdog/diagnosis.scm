;;; diagnosis.scm -- how Sheepdog itself is: what is found, and what to do about it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog diagnosis)
  #:use-module (ice-9 format)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog courier)
  #:use-module (sheepdog diagnosis finding)
  #:use-module (sheepdog diagnosis store)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog running)
  #:use-module (sheepdog store)
  #:use-module (sheepdog table)
  #:use-module (sheepdog task)
  #:use-module (sheepdog unit)
  #:export (diagnose diagnose-without-permission look-at-groups))

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
