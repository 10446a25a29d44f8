;;; type.scm -- what a notifier is.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier type)
  #:use-module (sheepdog option)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-notifier notifier? notifier-name notifier-tell notifier-read-outcome notifier-warnings
            name-option name-or))

(define-immutable-record-type <notifier>
  (%make-notifier name tell read-outcome warnings)
  notifier?
  (name notifier-name)                  ; string, unique in a configuration: "shepherd@example.org"
  (tell notifier-tell)                  ; <notice> -> an errand for the courier (alist), or #f: told
                                        ; already; runs in a task
  (read-outcome notifier-read-outcome)  ; outcome of the errand (alist) -> unspecified
  (warnings notifier-warnings))         ; thunk -> list of strings: what will keep it from telling
;; `tell' and `read-outcome' raise &delivery-failed where the other side did not take the notice.

(define* (make-notifier name tell read-outcome #:optional (warnings (const '())))
  "The notifier NAME, a string, of the procedures TELL, READ-OUTCOME and WARNINGS."
  (%make-notifier name tell read-outcome warnings))

;; The option that every notifier has.
(define name-option
  (make-option 'name #f (lambda (x) (or (not x) (non-empty-string? x))) 'non-empty-string?
               "What it is called in --inform and in the store."))

(define (name-or default options)
  "The name among OPTIONS, an alist, or DEFAULT, a string."
  (or (option-ref options 'name) default))
