;;; type.scm -- what a notifier is.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier type)
  #:use-module (sheepdog error)
  #:use-module (sheepdog option)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-notifier notifier? notifier-name notifier-deliver
            name-option name-or))

(define-immutable-record-type <notifier>
  (make-notifier name deliver)
  notifier?
  (name notifier-name)         ; string, unique in a configuration: "shepherd@example.org"
  (deliver notifier-deliver))  ; <notice> -> unspecified; runs in a task; raises &delivery-failed
                               ; where the other side did not take it

;; The option that every notifier has.
(define name-option
  (make-option 'name #f (lambda (x) (or (not x) (non-empty-string? x))) 'non-empty-string?
               "What it is called in --inform and in the store."))

(define (name-or default options)
  "The name among OPTIONS, an alist, or DEFAULT, a string."
  (or (option-ref options 'name) default))
