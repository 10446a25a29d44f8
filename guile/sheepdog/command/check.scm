;;; check.scm -- sheepdog check: is this configuration right?
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command check)
  #:use-module (ice-9 exceptions)
  #:use-module (sheepdog config)
  #:use-module (sheepdog configuration-doubts)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog receive)
  #:use-module (sheepdog shown-text)
  #:export (main check-configuration))

;; Seconds; less than a daemon grants the child that does this for it, so that the message is ours.
(define evaluation-limit 10)

(define* (check-configuration path #:key (limit evaluation-limit))
  "Evaluate the configuration in the file PATH and return it; evaluation may take LIMIT seconds.
Errors: &config-error."
  (%watch-steps limit
                (lambda ()
                  (when (%step-late?)
                    (raise-config-error
                     #f "this is not evaluated within ~a s; a configuration must not wait or loop"
                     limit))))
  (call-as-plugin-step (lambda () (load-configuration path))))

(define (main options)
  "Say whether the configuration that OPTIONS name is good; return the exit status."
  (call-as-program
   "sheepdog"
   (lambda ()
     (let ((path (option options 'file)))
       (with-exception-handler
           (lambda (exception)
             ;; As compilers say it, so that editors find the place.
             (format (current-error-port) "~a: ~a~%"
                     (or (config-error-location exception) path)
                     (exception-message exception))
             exit-usage)
         (lambda ()
           (for-each (lambda (warning)
                       (format (current-error-port) "~a: warning: ~a~%" path (one-line warning)))
                     (configuration-doubts (check-configuration path)))
           (force-output (current-error-port))
           (format #t "~a: good~%" path)
           exit-good)
         #:unwind? #t #:unwind-for-type &config-error)))))
