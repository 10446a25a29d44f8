;;; running.scm -- which daemons run with a state directory, and with what settings.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A daemon leaves a small file in its state directory that says how it was started, so that nobody has
;;; to guess.  There is no secret in it: of the broker's address only what is shown to people.
(define-module (sheepdog running)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog machine)
  #:use-module (sheepdog plugin-loader)
  #:use-module (sheepdog program)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (leave-settings! settings-left
            settings-program settings-pid settings-file settings-broker
            settings-spool-size settings-questions settings-once? settings-in-force?
            lock-holder answers? daemon-there?))

(define-immutable-record-type <settings>
  (make-settings program pid file broker spool-size questions once? in-force?)
  settings?
  (program settings-program)         ; string: sheepdog-daemon or sheepdog-queue-daemon
  (pid settings-pid)                 ; number
  (file settings-file)               ; string: the configuration's absolute name; #f: it has none
  (broker settings-broker)           ; 'local, or the address without password, a string
  (spool-size settings-spool-size)   ; bytes
  (questions settings-questions)     ; list of strings: files and directories of questions
  (once? settings-once?)             ; whether it was to end by itself once its work is done
  (in-force? settings-in-force?))    ; whether the process is still there

(define programs '("sheepdog-daemon" "sheepdog-queue-daemon"))

(define (settings-path places program)
  (in-vicinity (place places 'state-dir) (string-append program ".settings")))

(define* (leave-settings! places program file configuration #:key once?)
  "Leave word in the state directory of PLACES that PROGRAM, this process, runs with CONFIGURATION, which
was read from FILE, or is the default where that is #f; ONCE?, until its work is done."
  (let* ((path (settings-path places program))
         (part (string-append path ".part"))
         (broker (configuration-broker configuration)))
    (with-exception-handler
        (lambda (exception)
          (log-warning "~a: ~a; `sheepdog doctor' will have to guess" path
                       (exception->text exception)))
      (lambda ()
        (call-with-output-file part
          (lambda (port)
            (display (%scm->json
                      `(("program" . ,program) ("pid" . ,(getpid))
                        ("file" . ,(cond ((not file) 'null)
                                         ((absolute-file-name? file) file)
                                         (else (in-vicinity (getcwd) file))))
                        ("broker" . ,(if (eq? broker 'local) "local" (%broker-address broker)))
                        ("spool-size" . ,(configuration-spool-size configuration))
                        ("questions" . ,(list->vector (configuration-questions configuration)))
                        ("once" . ,(and once? #t))))
                     port)
            (newline port))
          #:encoding "UTF-8")
        (chmod part #o640)
        (rename-file part path))
      #:unwind? #t)))

(define (read-settings places program)
  (let ((path (settings-path places program)))
    ;; Only what the daemon's user or root wrote: the file that it names is code.
    (and (access? path R_OK)
         (not (code-file-fault path))
         (false-if-exception
          (let ((read (%json->scm (call-with-input-file path get-string-all #:encoding "UTF-8"))))
            (define (ref key right?)
              (let ((value (assoc-ref read key))) (and (right? value) value)))
            (match (list (ref "pid" exact-integer?) (ref "broker" string?)
                         (ref "spool-size" exact-integer?))
              (((? identity pid) (? identity broker) (? identity size))
               (make-settings program pid (ref "file" string?)
                              (if (string=? broker "local") 'local broker) size
                              (vector->list (or (ref "questions" vector?) #())) (ref "once" identity)
                              (in-force? places program pid)))
              (_ #f)))))))

(define (in-force? places program pid)
  (match (lock-holder (place places (if (string=? program "sheepdog-daemon") 'lock 'store-lock)))
    ;; The lock may be held where /proc does not show it.
    (#f (and (string=? program "sheepdog-daemon") (answers? (place places 'drop))))
    (holder (= pid holder))))

(define (settings-left places)
  "The <settings> of the daemon that runs with the state directory of PLACES, or else of the one that
ran last; #f where there is no word of any."
  (let ((left (filter-map (lambda (program) (read-settings places program)) programs)))
    (or (find settings-in-force? left)
        (and (pair? left) (first left)))))

;;; Who runs.

(define (lock-holder path)
  "The process that holds the lock PATH, or #f.  (Who asked by locking would keep a daemon from
starting.)"
  (and (file-exists? path)
       (let ((inode (string-append ":" (number->string (stat:ino (stat path))))))
         (any (lambda (line)
                (match (string-tokenize line)
                  ((_ "FLOCK" _ _ pid device . _)
                   (and (string-suffix? inode device) (string->number pid)))
                  (_ #f)))
              (string-split (or (machine-file "/proc/locks") "") #\newline)))))

(define (daemon-there? places)
  "True where a daemon, of either kind, runs with the state directory of PLACES."
  (or (any (lambda (name) (lock-holder (place places name))) '(lock store-lock))
      ;; The lock may be held where /proc does not show it.
      (any (lambda (name) (answers? (place places name))) '(drop queue-repl))))

(define (answers? path)
  "True where somebody listens on the socket PATH."
  (with-exception-handler (const #f)
    (lambda () (close-fdes (%local-connect path)) #t)
    #:unwind? #t #:unwind-for-type &core-error))
