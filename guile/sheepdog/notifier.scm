;;; notifier.scm -- a way to tell somebody.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-notifier notifier? notifier-name notifier-deliver))

(define-immutable-record-type <notifier>
  (make-notifier name deliver)
  notifier?
  (name notifier-name)         ; string, unique in a configuration: "shepherd@example.org"
  (deliver notifier-deliver))  ; notice (an alist) -> unspecified; runs in a task; raises
                               ; &delivery-failed where the other side did not take it
