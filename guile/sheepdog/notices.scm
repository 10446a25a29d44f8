;;; notices.scm -- a daemon judges what changed, and tells it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notices)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog delivery)
  #:use-module (sheepdog error)
  #:use-module (sheepdog judgement)
  #:use-module (sheepdog notifier)
  #:use-module (sheepdog program)
  #:use-module (sheepdog service)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:export (start-notices))

(define retry-time 5) ; seconds until judgement is tried again where the store failed

(define (start-notices service store)
  "Judge what is unjudged in STORE, the one of SERVICE, and tell its notifiers; return a thunk that
is to be called when something new is unjudged.  Errors: &core-error."
  (let* ((reader (open-reader (place (service-places service) 'store)))
         (notifiers (lambda () (configuration-notify (service-configuration service))))
         (directory (string-append (place (service-places service) 'state-dir) "/notices"))
         (delivery (start-delivery store reader notifiers directory))
         (judging #f)   ; the task, or #f
         (again? #f))   ; something came while it was at work
    (define (judge)
      (set! again? #f)
      (let ((made (with-exception-handler
                      (lambda (exception)
                        (log-error "judgement: ~a; again in ~a s" (exception->text exception)
                                   retry-time)
                        (sleep retry-time)
                        (set! again? #t)
                        0)
                    (lambda () (judge-changes! store reader (map notifier-name (notifiers))))
                    #:unwind? #t)))
        (unless (zero? made) (delivery-wake! delivery))
        (when again? (judge))))
    (define (changed!)
      (set! again? #t)
      (unless (and judging (not (task-over? judging)))
        (set! judging (spawn-task judge #:name "judgement"))))
    (changed!)
    (service-on-reload! service (lambda () (delivery-wake! delivery)))
    (service-on-settle! service
                        (lambda ()
                          (when judging (join judging))
                          (settle-delivery! delivery)))
    (service-on-stop! service (lambda () (stop-delivery! delivery)))
    changed!))
