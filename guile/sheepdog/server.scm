;;; server.scm -- the server side of a daemon: receives, judges, tells, and keeps the store small.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog server)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog lease)
  #:use-module (sheepdog notices)
  #:use-module (sheepdog program)
  #:use-module (sheepdog question-server)
  #:use-module (sheepdog receive)
  #:use-module (sheepdog service)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:use-module (sheepdog unit)
  #:use-module (sheepdog upkeep)
  #:export (start-server))

(define many-reports 1000) ; after which a server that runs once leaves a store that is quick to ask
(define idle-time 1) ; seconds without a report after which a server that runs once is done

(define* (start-server service make-source #:key once?)
  "Receive for SERVICE from the source that MAKE-SOURCE returns when it is called with the store:
into the store of its state directory, whose lock the caller holds.  ONCE?: until nothing comes any
more; `service-settle!' waits for it.  Returns the store.  Errors: &core-error."
  (let* ((path (place (service-places service) 'store))
         (store (open-store path))
         (source (make-source store))
         (current (lambda ()
                    (make-receivers (configuration-plugins (service-configuration service)))))
         (receivers (current))
         (committed! (start-checkpoints store))
         (changed! #f)
         (begin-time #f)
         (end-time #f)
         (received 0))
    (define (on-commit counts)
      (committed!)
      (set! end-time (%monotonic))
      (set! received (+ received (vector-ref counts 0)))
      (log-debug "committed ~a" counts)
      (unless (zero? (vector-ref counts 3)) (changed!)))
    (service-on-reload! service (lambda () (set! receivers (current))))
    (unless once?
      (start-lease-watch store path source (lambda () receivers) #:on-commit on-commit)
      (start-statistics store)
      (start-retention store (lambda ()
                               (configuration-retention (service-configuration service))))
      (start-question-server service))
    (let ((receiving
           (spawn-task
            (lambda ()
              (set! begin-time (%monotonic))
              (receive-batches source store (lambda () receivers)
                               #:on-commit on-commit #:patience (and once? idle-time)))
            #:name "receiving")))
      (when once?
        (service-on-settle! service
                            (lambda ()
                              (join receiving)
                              (when (>= received many-reports) (take-statistics store 1))
                              (log-info "received ~a in ~a s" (format-count received "report")
                                        (if end-time
                                            (/ (round (* 1000 (- end-time begin-time))) 1000.)
                                            0))))))
    ;; After receiving: what was received is judged before a service that runs once ends.
    (set! changed! (start-notices service store))
    store))
