;;; question-text.scm -- questions as texts, for tests.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog question-text)
  #:use-module (ice-9 format)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking question)
  #:export (read-text answers complaint))

(define (read-text text)
  (read-question text "EXPR"))

(define (answers text limit)
  (let ((found '()))
    (ask-question (read-text text) limit (lambda (answer) (set! found (cons answer found))))
    (reverse found)))

(define (complaint text)
  (with-exception-handler
      (lambda (e)
        (if (config-error? e)
            (format #f "~a: ~a" (config-error-location e) (exception->text e))
            (raise-exception e)))
    (lambda () (answers text #f))
    #:unwind? #t))
