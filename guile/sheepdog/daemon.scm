;;; daemon.scm -- sheepdog-daemon: watches this machine and keeps its reports moving.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog daemon)
  #:use-module (ice-9 match)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog failing-monitors)
  #:use-module (sheepdog monitoring)
  #:use-module (sheepdog program)
  #:use-module (sheepdog repl server)
  #:use-module (sheepdog server)
  #:use-module (sheepdog service)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:use-module (sheepdog unit)
  #:export (main))

(define (main options)
  "Run sheepdog-daemon with the command line's OPTIONS; return its exit status."
  (run-service "sheepdog-daemon" options
               (lambda (service) (start service options))))

(define (host-name configuration)
  (or (configuration-host configuration) (gethostname)))

(define (start service options)
  (let* ((configuration (service-configuration service))
         (places (service-places service))
         (machine? (string=? (place places 'state-dir) "/var/lib/sheepdog"))
         (local? (eq? 'local (configuration-broker configuration)))
         (once? (option options 'once)))
    (make-place places)
    (%lock (place places 'lock))
    (%spool-open (place places 'spool) (host-name configuration)
                 (configuration-spool-size configuration))
    (cond
     (local?
      (%lock (place places 'store-lock))
      (start-server service (lambda (store) (%local-source)) #:once? once?))
     (else (%forward-open (configuration-broker configuration))))
    (%drop-open (place places 'drop) machine?)
    (let ((waited (await (lambda (callback)
                           (%incoming-open (place places 'incoming) machine? callback)))))
      (unless (zero? waited)
        (log-info "collected ~a that waited for a daemon" (format-count waited "report"))))
    (log-notice "watching ~a with ~a; state in ~a" (host-name configuration)
                (match (map monitor-name (configuration-monitors configuration))
                  (() "no monitors")
                  (names (string-join (map symbol->string names))))
                (place places 'state-dir))
    (unless once?
      (start-repl-server (place places 'repl) "sheepdog-daemon" (place places 'store)
                         `((service . ,service))))
    (start-monitors service once?)
    (service-ready! service)
    (when once?
      (finish-once service))))

(define (start-monitors service once?)
  (define failing
    (open-failing-monitors (string-append (place (service-places service) 'state-dir)
                                          "/failing-monitors")))
  (define (watch before)
    (watch-monitors (configuration-monitors (service-configuration service)) failing
                    #:once? once? #:before before))
  (let ((watches (watch '())))
    (if once?
        (join-watches watches)
        (service-on-reload! service (lambda () (set! watches (watch watches)))))))

;; Seconds without any progress after which a broker is given up.
(define patience 30)

(define (finish-once service)
  ;; Everything accepted is passed on, judged and told before the program ends.
  (define broker (configuration-broker (service-configuration service)))
  (define (give-up code text waiting)
    (raise-core-error "broker" code
                      (format #f "~a; ~a in the spool for the next time" text
                              (if (= waiting 1) "1 report waits"
                                  (format #f "~a reports wait" waiting)))))
  (define (waiting)
    (match (%spool-usage) (#(entries _ _) entries)))
  (define (check-broker)
    ;; An error where nobody answers, instead of a wait without end.
    (with-exception-handler
        (lambda (exception)
          (give-up (core-error-code exception) (exception->text exception) (waiting)))
      (lambda () (await (lambda (callback) (%broker-faults broker callback))))
      #:unwind? #t #:unwind-for-type &core-error))
  (unless (or (eq? broker 'local) (zero? (waiting)))
    (check-broker))
  (let wait ((left (waiting)) (since (%monotonic)))
    (let ((now-left (waiting)))
      (cond
       ((zero? now-left) #t)
       ((not (= now-left left)) (wait now-left (%monotonic)))
       ((and (not (eq? broker 'local)) (> (- (%monotonic) since) patience))
        (check-broker)
        (give-up 'timeout (format #f "~a took no report for ~a s" (%broker-address broker) patience)
                 now-left))
       (else (sleep 0.02) (wait left since)))))
  (service-settle! service)
  (service-stop! service))
