;;; question-error.scm -- what a question that is wrong says, for tests.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog question-error)
  #:use-module (sheepdog error)
  #:use-module (srfi srfi-1)
  #:export (complaint question-error-saying))

(define-syntax-rule (complaint body ...)
  ;; The message of the &question-error that BODY raises; what it returns where it raises none.
  (with-exception-handler
      (lambda (exception)
        (if (question-error? exception)
            (exception->text exception)
            (raise-exception exception)))
    (lambda () body ...)
    #:unwind? #t))

(define (question-error-saying . words)
  ;; For test-raises: true of a &question-error in whose message all WORDS are.
  (lambda (exception)
    (and (question-error? exception)
         (let ((text (exception->text exception)))
           (every (lambda (word) (string-contains text word)) words)))))
