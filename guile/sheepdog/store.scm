;;; store.scm -- the store as Scheme sees it: reading with SQL, writing in transactions.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog store)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog task)
  #:export (open-store store-id store-transact!
            open-reader close-reader call-with-snapshot select-one for-each-row
            await)
  #:replace (select))

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

(define* (open-reader path #:key cache)
  "Open the store at PATH for reading and return the reader's number; a writer may be at work.  CACHE,
KiB: how much of it may be kept in memory; left out, little.  Errors: &core-error."
  (if cache
      (%reader-open path cache)
      (%reader-open path)))

(define (close-reader reader)
  "Close READER and its cursors."
  (%reader-close reader))

(define (for-each-row procedure reader sql . parameters)
  "Call PROCEDURE with the columns of each row of SQL, bound to PARAMETERS (strings, numbers, #f for
NULL), one row at a time.  Errors: &core-error."
  (let ((cursor (%cursor-open reader sql parameters)))
    (dynamic-wind
      (const #t)
      (lambda ()
        (let next ()
          (let ((row (%cursor-next cursor)))
            (when row
              (apply procedure (vector->list row))
              (next)))))
      (lambda () (%cursor-close cursor)))))

(define (call-with-snapshot reader thunk)
  "Call THUNK and return what it returns; meanwhile READER sees the store as it is now, for a minute at
most.  Not for a THUNK that suspends its task."
  (dynamic-wind
    (lambda () (%reader-hold reader))
    thunk
    (lambda () (%reader-release reader))))

(define (select reader sql . parameters)
  "All rows of SQL, as a list of lists."
  (let ((rows '()))
    (apply for-each-row (lambda row (set! rows (cons row rows))) reader sql parameters)
    (reverse rows)))

(define (select-one reader sql . parameters)
  "The first row of SQL as a list, or #f where there is none."
  (match (apply select reader sql parameters)
    ((row . _) row)
    (() #f)))
