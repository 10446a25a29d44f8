;;; program.scm -- what every program does around its work: options, places, errors, exit status.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog program)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module ((srfi srfi-1) #:select (any))
  #:export (exit-good exit-wrong exit-usage exit-no-connection
            call-as-program option places place make-place
            places-to-read directory-fault who-may-read store-to-read))

;; What the exit status of every program means.
(define exit-good 0)           ; all is well
(define exit-wrong 1)          ; something is wrong with the herd
(define exit-usage 2)          ; usage or configuration
(define exit-no-connection 3)  ; no broker, no store, no daemon

(define* (option options name #:optional default)
  "The value of the command line's option NAME (a symbol) in OPTIONS, or DEFAULT."
  (match (assq name options)
    ((_ . value) value)
    (#f default)))

(define (call-as-program name thunk)
  "Call THUNK, which returns an exit status; an error becomes one line on standard error that begins
with NAME, and an exit status: 2 for a configuration, 3 where what is stored or remote cannot be had."
  (for-each (lambda (port) (set-port-encoding! port "UTF-8"))
            (list (current-output-port) (current-error-port) (current-input-port)))
  (fluid-set! %default-port-encoding "UTF-8")
  (define (fail status text)
    (force-output (current-output-port))
    (format (current-error-port) "~a: ~a~%" name text)
    status)
  (with-exception-handler
      (lambda (exception)
        (cond
         ((quit-exception? exception) (raise-exception exception))
         ((config-error? exception)
          (fail exit-usage
                (match (config-error-location exception)
                  (#f (exception-message exception))
                  (location (string-append location ": " (exception-message exception))))))
         ((core-error? exception) (fail exit-no-connection (exception->text exception)))
         ((broken-pipe? exception) exit-good)
         (else (fail exit-wrong (exception->text exception)))))
    (lambda ()
      (let ((status (thunk)))
        (force-output (current-output-port))
        status))
    #:unwind? #t))

(define (broken-pipe? exception)
  ;; Whoever read our output has seen enough.
  (and (eq? (exception-kind exception) 'system-error)
       (match (exception-args exception)
         ((_ _ _ (errno . _) . _) (eqv? errno EPIPE))
         (_ #f))))

(define (places options)
  "The paths of the state directory that OPTIONS (with --state-dir) or the environment name, an alist
for `place'.  Errors: &config-error where there is none."
  (let ((directory (%state-dir (option options 'state-dir))))
    (unless directory
      (raise-config-error #f "there is no home to keep the state in; give --state-dir DIR"))
    (%places directory)))

(define (place places name)
  "The path of NAME (state-dir drop ask incoming spool store repl queue-repl lock
store-lock) in PLACES."
  (assq-ref places name))

;;; What the reading commands read.

(define machine-state-dir "/var/lib/sheepdog")

(define* (places-to-read options #:key (machine machine-state-dir))
  "The paths, as of `places', of the state directory that a reading command with OPTIONS reads: the one
that they or the environment name; else the user's own, where a daemon made one; else MACHINE, the
machine's, where that is there.  Errors: &config-error where it is not a directory."
  (let* ((named (or (option options 'state-dir) (named-by-environment)))
         (own (and=> ((own-state-dir) named) %places))
         (machine (%places machine))
         (there? (lambda (name) (file-exists? (place own name))))
         (chosen (if (and own (or named (any there? '(store lock store-lock))
                                  (eq? 'missing (directory-fault (place machine 'state-dir)))))
                     own
                     machine))
         (directory (place chosen 'state-dir)))
    (when (eq? 'no-directory (directory-fault directory))
      (raise-config-error #f "~a is not a directory; name the one where a daemon keeps its state"
                          directory))
    chosen))

(define own-state-dir
  ;; A user's own, where nothing else is named; tests say another.
  (make-parameter %state-dir))

(define (named-by-environment)
  (match (getenv "SHEEPDOG_STATE_DIR")
    ((or #f "") #f)
    (directory directory)))

(define (directory-fault directory)
  "Why nobody can read what is in DIRECTORY: `missing', `no-directory', or `denied' to this user; #f
where they can."
  (catch 'system-error
    (lambda ()
      (cond ((not (eq? 'directory (stat:type (stat directory)))) 'no-directory)
            ((access? directory X_OK) #f)
            (else 'denied)))
    (lambda (key . arguments)
      (let ((number (system-error-errno (cons key arguments))))
        (cond ((= number EACCES) 'denied)
              ((= number ENOTDIR) 'no-directory)
              (else 'missing))))))

(define (who-may-read places)
  "What a user who may not read the state directory of PLACES can do."
  (string-append "ask as its owner or root"
                 (if (string=? machine-state-dir (place places 'state-dir))
                     ", become a member of the group sheepdog, or start a daemon of your own"
                     "")))

(define (store-to-read options)
  "The path of the store that a reading command with OPTIONS reads, in the directory of
`places-to-read'.  Errors: &config-error as there; &core-error not-found that says what to do, denied
for who is not in group sheepdog."
  (let* ((places (places-to-read options))
         (store (place places 'store)))
    (cond
     ((access? store R_OK) store)
     ((or (file-exists? store) (eq? 'denied (directory-fault (place places 'state-dir))))
      (raise-core-error "store" 'denied
                        (format #f "~a: you may not read it; ~a" store (who-may-read places))))
     ((file-exists? (place places 'spool))
      (raise-core-error "store" 'not-found
                        (format #f "~a: there is no store; this machine hands its reports on to a \
broker, ask where sheepdog-queue-daemon runs" store)))
     (else
      (raise-core-error "store" 'not-found
                        (format #f "~a: there is no store; start sheepdog-daemon, or name another \
with --state-dir" store))))))

;;; What the daemons write.

(define (make-place places)
  "Make the state directory of PLACES: private, but for the machine's own, where the group sheepdog
may read; that one gets its mode and group whoever made it, and what is made in it from now on is
nobody else's to read."
  (let* ((directory (place places 'state-dir))
         (machine? (not (string-prefix? directory (place places 'drop))))
         (group (and machine? (false-if-exception (getgrnam "sheepdog")))))
    (unless (file-exists? directory)
      (%make-directories directory #o700))
    (when (and machine? (memv (geteuid) (list 0 (stat:uid (stat directory)))))
      (umask #o027)
      (when group (chown directory -1 (group:gid group)))
      ;; Files get the group of the directory.
      (chmod directory (if group #o2750 #o700)))))
