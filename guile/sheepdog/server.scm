;;; server.scm -- the server side of a daemon: receives, judges, tells, and keeps the store small.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog server)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog receive)
  #:use-module (sheepdog service)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:export (start-server))

(define (start-server service make-source)
  "Receive for SERVICE from the source that MAKE-SOURCE returns when it is called with the store:
into the store of its state directory, whose lock the caller holds.  Returns the store.
Errors: &core-error."
  (let ((places (service-places service)))
    (let* ((store (open-store (place places 'store)))
           (source (make-source store))
           (current (lambda ()
                      (make-receivers
                       (configuration-plugins (service-configuration service)))))
           (receivers (current)))
      (service-on-reload! service (lambda () (set! receivers (current))))
      (spawn-task
       (lambda ()
         (receive-forever source store (lambda () receivers)))
       #:name "receiving")
      store)))
