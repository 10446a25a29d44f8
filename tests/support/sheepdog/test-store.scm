;;; test-store.scm -- a new store of its own for a test, with a reader of it
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog test-store)
  #:use-module (sheepdog core)
  #:use-module (sheepdog store)
  #:use-module (sheepdog task)
  #:use-module (sheepdog test)
  #:export (call-with-store with-store))

(define (call-with-store proc)
  "Call PROC, as a task, with a new store, a reader of it and its path, alone in a private directory
that is deleted afterwards; return what PROC returns."
  (call-with-temporary-directory
   (lambda (directory)
     (let* ((path (string-append directory "/store.db"))
            (store (open-store path))
            (reader (open-reader path)))
       (dynamic-wind
         (const #t)
         (lambda () (run-task (lambda () (proc store reader path))))
         (lambda () (close-reader reader) (%store-close store)))))))

(define-syntax-rule (with-store (store reader) body ...)
  ;; BODY as a task, with a new STORE and a READER of it.
  (call-with-store (lambda (store reader path) body ...)))
