;;; named-plugin.scm -- the plugin that a word of the command line means.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog named-plugin)
  #:use-module (sheepdog error)
  #:use-module (sheepdog plugin-loader)
  #:export (find-plugin))

(define (find-plugin name)
  "The plugin NAME, a string: a file where it has a slash or ends in .scm, else one that comes with
Sheepdog.  Errors: &config-error."
  (let ((file? (or (string-index name #\/) (string-suffix? ".scm" name))))
    (with-exception-handler
        (lambda (exception) (raise-config-error #f "~a" (exception->text exception)))
      (lambda () (load-plugin (if file? name (string->symbol name))))
      #:unwind? #t #:unwind-for-type &plugin-error)))
