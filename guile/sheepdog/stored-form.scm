;;; stored-form.scm -- how the store writes values: statuses, times, UUIDs.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog stored-form)
  #:use-module (rnrs bytevectors)
  #:use-module (srfi srfi-1)
  #:export (statuses number->status status->number statuses-from-bad-to-good milder-statuses
            seconds->micros micros->seconds
            uuid->text text->uuid))

;;; Statuses are numbers.

(define statuses
  ;; By number.
  #(ok warning critical unknown missing))

(define (number->status number)
  "The status that the store keeps as NUMBER, a symbol; #f for #f."
  (and number (vector-ref statuses number)))

(define (status->number status)
  "The number of STATUS; #f where it is no status."
  (list-index (lambda (s) (eq? s status)) (vector->list statuses)))

(define statuses-from-bad-to-good
  '(critical missing unknown warning ok))

(define (milder-statuses status)
  "Those that are less bad than STATUS."
  (cdr (or (memq status statuses-from-bad-to-good) '(#f))))

;;; Times are microseconds since the epoch.

(define (seconds->micros seconds)
  "SECONDS, a finite real number, as the store has them."
  (inexact->exact (round (* 1000000 seconds))))

(define (micros->seconds micros)
  "MICROS of the store in seconds, exact where they are whole; #f for #f."
  (and micros
       (if (zero? (remainder micros 1000000))
           (quotient micros 1000000)
           (/ micros 1e6))))

;;; UUIDs are 16 bytes.

(define (uuid->text bytes)
  "The UUID that the store keeps as BYTES, a bytevector of 16, as text."
  (let ((hex (string-concatenate
              (map (lambda (byte) (string-pad (number->string byte 16) 2 #\0))
                   (bytevector->u8-list bytes)))))
    (string-join (map (lambda (from to) (substring hex from to)) '(0 8 12 16 20) '(8 12 16 20 32))
                 "-")))

(define (text->uuid text)
  "The bytes of the UUID TEXT, with or without hyphens; #f where it is none."
  (let ((digits (string-delete #\- text)))
    (and (= 32 (string-length digits))
         (string-every char-set:hex-digit digits)
         (u8-list->bytevector
          (map (lambda (i) (string->number (substring digits (* 2 i) (+ 2 (* 2 i))) 16))
               (iota 16))))))
