;;; question-error.scm -- what a question that is wrong says, for tests.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog question-error)
  #:use-module (sheepdog error)
  #:export (complaint))

(define-syntax-rule (complaint body ...)
  ;; The message of the &question-error that BODY raises; what it returns where it raises none.
  (with-exception-handler
      (lambda (exception)
        (if (question-error? exception)
            (exception->text exception)
            (raise-exception exception)))
    (lambda () body ...)
    #:unwind? #t))
