;;; service.scm -- what a daemon is around its work: configuration, signals, reload, end.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog service)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog command)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog receive)
  #:use-module (sheepdog running)
  #:use-module (sheepdog task)
  #:use-module (srfi srfi-9)
  #:export (run-service service-configuration service-places
            service-ready! service-stop! service-on-reload! service-on-settle! service-settle!
            service-on-stop!))

(define-record-type <service>
  (make-service name options places configuration on-reload on-settle on-stop stopping?)
  service?
  (name service-name)                                             ; the program's, a string
  (options service-options)                                       ; alist
  (places service-places)                                         ; alist, see (sheepdog program)
  (configuration service-configuration set-service-configuration!)
  (on-reload service-reloaders set-service-reloaders!)            ; thunks, oldest first
  (on-settle service-settlers set-service-settlers!)              ; thunks that wait, oldest first
  (on-stop service-stoppers set-service-stoppers!)                ; likewise
  (stopping? service-stopping? set-service-stopping!))            ; true once it is to end

(define (service-on-reload! service thunk)
  "Call THUNK whenever SERVICE has a new configuration."
  (set-service-reloaders! service (append (service-reloaders service) (list thunk))))

(define (service-on-settle! service thunk)
  "Call THUNK, which may wait, before a SERVICE that runs once ends."
  (set-service-settlers! service (append (service-settlers service) (list thunk))))

(define (service-settle! service)
  "Do what is to be done before SERVICE ends."
  (for-each (lambda (thunk) (thunk)) (service-settlers service)))

(define (service-ready! service)
  "Say that SERVICE does its work now: to the log, and to who started it (sd_notify protocol, of
which this is READY=1 on the socket that $NOTIFY_SOCKET names)."
  (leave-word! service)
  (log-info "~a is ready" (service-name service))
  (match (getenv "NOTIFY_SOCKET")
    (#f #t)
    (path
     (false-if-exception
      (let ((socket (socket PF_UNIX SOCK_DGRAM 0))
            (address (if (string-prefix? "@" path)
                         (string-append "\x00" (substring path 1))
                         path)))
        (connect socket AF_UNIX address)
        (send socket (string->utf8* "READY=1"))
        (close-port socket))))))

(define (leave-word! service)
  (leave-settings! (service-places service) (service-name service)
                   (option (service-options service) 'config) (service-configuration service)
                   #:once? (option (service-options service) 'once)))

(define (string->utf8* text)
  ((@ (rnrs bytevectors) string->utf8) text))

(define (service-on-stop! service thunk)
  "Call THUNK, which may wait for a second, when SERVICE is to end."
  (set-service-stoppers! service (append (service-stoppers service) (list thunk))))

(define (service-stop! service)
  "End SERVICE soon, in any case within `stop-time' seconds."
  (unless (service-stopping? service)
    (set-service-stopping! service #t)
    (log-info "~a ends" (service-name service))
    (%timer-start stop-time %loop-stop)
    (spawn-task (lambda ()
                  (for-each (lambda (thunk) (thunk)) (service-stoppers service))
                  (%loop-stop))
                #:name "end")))

(define stop-time 1.5) ; seconds

(define check-time 20) ; seconds for evaluating a configuration in a child

(define (checked-configuration options)
  ;; A configuration is code: it is first evaluated by a child, which may loop or crash.
  (match (option options 'config)
    (#f (default-configuration))
    (path
     (let ((result (run-command (string-append prefix-directory "/libexec/sheepdog/sheepdog-guile")
                                "check" path #:timeout check-time)))
       (unless (command-succeeded? result)
         (raise-config-error
          #f "~a"
          (match (string-trim-both (command-result-error result))
            ("" (format #f "~a: evaluating it ended with ~a" path
                        (or (command-result-exit result)
                            (format #f "signal ~a" (command-result-signal result)))))
            ;; The child speaks as "sheepdog: ..."; this program has its own name.
            (text (if (string-prefix? "sheepdog: " text) (substring text 10) text)))))
       (load-configuration path)))))

;; What is opened once, at the start, with these.
(define fixed-settings
  (list (list 'broker configuration-broker)
        (list 'host configuration-host)
        (list 'spool-size configuration-spool-size)))

(define (reload! service)
  (log-info "reading the configuration again")
  (spawn-task
   (lambda ()
     (with-exception-handler
         (lambda (exception)
           (log-error "the new configuration is refused, the old one stays: ~a~a"
                      (match (and (config-error? exception) (config-error-location exception))
                        (#f "")
                        (location (string-append location ": ")))
                      (exception->text exception)))
       (lambda ()
         (let ((configuration (checked-configuration (service-options service)))
               (old (service-configuration service)))
           (for-each
            (match-lambda
              ((setting value)
               (unless (equal? (value configuration) (value old))
                 (raise-config-error #f "another #:~a needs a restart" setting))))
            fixed-settings)
           (set-service-configuration! service configuration)
           (leave-word! service)
           (for-each (lambda (thunk) (thunk)) (service-reloaders service))
           (log-notice "the new configuration is in force")))
       #:unwind? #t))
   #:name "reload"))

(define (run-service name options start)
  "Be the daemon NAME with the command line's OPTIONS: read the configuration, call START with the
service as a task, and turn the loop until it is stopped.  Return the exit status."
  (call-as-program
   name
   (lambda ()
     (%set-log-level (string->symbol (option options 'log-level "info")))
     (if (option options 'check)
         (begin
           (run-task (lambda () (checked-configuration options)))
           (format #t "~a: good~%" (option options 'config "no configuration"))
           exit-good)
         (run name options start)))))

(define (run name options start)
  (let ((failed #f))
    (spawn-task
     (lambda ()
       (let ((service (make-service name options (places options) (checked-configuration options)
                                    '() '() '() #f)))
         (for-each (lambda (signal) (%on-signal signal (lambda _ (service-stop! service))))
                   (list SIGTERM SIGINT))
         (%on-signal SIGHUP (lambda _ (reload! service)))
         (watch-plugin-steps!)
         (start service)))
     #:name name
     #:on-end (lambda (task)
                (with-exception-handler
                    (lambda (exception) (set! failed exception) (%loop-stop))
                  (lambda () (task-value task))
                  #:unwind? #t)))
    (unless failed (%loop-run))
    (when failed (raise-exception failed))
    exit-good))
