;;; notifier.scm -- the ways to tell somebody.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier)
  #:use-module (sheepdog notifier command)
  #:use-module (sheepdog notifier console)
  #:use-module (sheepdog notifier email)
  #:use-module (sheepdog notifier type)
  #:re-export (make-notifier notifier? notifier-name notifier-tell notifier-read-outcome
               notifier-warnings command console email))
