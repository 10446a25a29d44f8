;;; store.scm -- the store as Scheme sees it: reading with SQL, writing in transactions.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog store)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog task)
  #:export (open-store store-id store-transact!
            await))

(define (await start)
  "Wait for a primitive: call START with a callback of an error, a pair (code . message) or #f, and a
value; return the value or raise &core-error."
  (suspend
   (lambda (resume)
     (start (lambda (fault value)
              (resume (lambda ()
                        (match fault
                          (#f value)
                          ((code . message) (raise-core-error "core" code message))))))))))

(define (open-store path)
  "Open or create the store at PATH for writing and return its number.  One writer a store.
Errors: &core-error."
  (%store-open path))

(define (store-id store)
  "The id of STORE, a UUID's text: made with it, kept for ever; the consumer group's name."
  (%store-id store))

(define (store-transact! store statements)
  "Run STATEMENTS, a list of (SQL PARAMETER ...), in one transaction of STORE and wait until it is
committed; return a list of the number of rows that each changed.  Only in a task.
Errors: &core-error, and nothing is changed."
  (await (lambda (callback) (%store-transact store statements callback))))
