;;; queue-daemon.scm -- sheepdog-queue-daemon: receives a herd's reports from Redis into a store.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog queue-daemon)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog repl server)
  #:use-module (sheepdog server)
  #:use-module (sheepdog service)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:export (main))

(define (main options)
  "Run sheepdog-queue-daemon with the command line's OPTIONS; return its exit status."
  (run-service "sheepdog-queue-daemon" options
               (lambda (service) (start service (option options 'once)))))

(define (start service once?)
  (let ((broker (configuration-broker (service-configuration service)))
        (places (service-places service)))
    (when (eq? broker 'local)
      (raise-config-error
       #f "the broker is 'local, which sheepdog-daemon reads itself; give a configuration with \
#:broker \"redis://...\""))
    (make-place places)
    (wait-for-store places)
    (start-server service
                  (lambda (store)
                    (log-notice "receiving from ~a; store ~a" (%broker-address broker)
                                (place places 'store))
                    (%redis-source broker (store-id store)))
                  #:once? once?)
    (service-ready! service)
    (cond
     (once?
      (check-broker broker)  ; an error where nobody answers, instead of nothing received
      (service-settle! service)
      (service-stop! service))
     (else
      (start-repl-server (place places 'queue-repl) "sheepdog-queue-daemon" (place places 'store)
                         `((service . ,service)))
      (spawn-task
       (lambda ()
         ;; That it does not answer is for the source to say, which goes on trying.
         (with-exception-handler
             (lambda (exception) (log-debug "broker: ~a" (exception->text exception)))
           (lambda () (check-broker broker))
           #:unwind? #t #:unwind-for-type &core-error))
       #:name "broker")))))

(define (wait-for-store places)
  ;; Another queue daemon may have the store: this one is its stand-by and takes over.
  (let try ((said? #f))
    (unless (with-exception-handler
                (lambda (exception)
                  (unless (eq? 'busy (core-error-code exception)) (raise-exception exception))
                  (unless said?
                    (log-notice "~a; waiting to take over" (exception->text exception)))
                  #f)
              (lambda () (%lock (place places 'store-lock)) #t)
              #:unwind? #t #:unwind-for-type &core-error)
      (sleep 1)
      (try #t))))

(define (check-broker broker)
  ;; A broker that forgets what it acknowledged makes every promise void; that is said at once.
  (for-each (lambda (fault) (log-warning "broker: ~a" fault))
            (await (lambda (callback) (%broker-faults broker callback)))))
