;;; server-config.scm -- a sample; copy it to /etc/sheepdog/server-config.scm
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; This is Scheme, and it is evaluated, so only its owner may be able to write to it.  Check a
;;; change with: sheepdog check server-config.scm
(use-modules (sheepdog config))

(configuration
 ;; A herd of one needs no broker.  A larger one speaks through Redis:
 ;; #:broker "redis://sheepdog.example.org:6379"

 ;; What is watched on this machine.  Left out, it is every default monitor.
 #:monitors (list (monitor 'host)
                  (monitor 'load)
                  (monitor 'memory)
                  (monitor 'disk #:warning 85 #:critical 95)
                  (monitor 'packages))

 ;; Who is told when something is really wrong.
 #:notify (list (console)
                ;; (email "shepherd@example.org" #:server "smtp://localhost:25")
                )

 ;; How long what is kept.
 #:retention (retention #:reports (days 90) #:samples (days 30)))
