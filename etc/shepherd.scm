;;; shepherd.scm -- services for the GNU Shepherd; load it from its configuration.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (shepherd service))

;; Stopping one ends its process group, and the courier that is carrying a notice is in none of ours:
;; it comes to its end, so that it is known whether the notice was told.

(define (sheepdog-service name program . arguments)
  (service (list name)
    #:documentation "Sheepdog, the monitor."
    #:start (make-forkexec-constructor (cons program arguments)
                                       #:log-file (string-append "/var/log/" program ".log"))
    #:stop (make-kill-destructor)
    #:actions (actions
               (reload "Read the configuration again."
                       (lambda (running . _)
                         (kill (if (integer? running) running (process-id running)) SIGHUP)
                         running)))))

(register-services
 (list (sheepdog-service 'sheepdog-daemon "sheepdog-daemon"
                         "-c" "/etc/sheepdog/server-config.scm")))
