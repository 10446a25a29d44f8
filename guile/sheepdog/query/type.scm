;;; type.scm -- the types of the columns of relations: what the store has, and what questions see.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query type)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query text-hint)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog stored-form)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (type-named type-name type-doc type-storage type-null type-quantity
            type-check type->store type-kind type-takes-text? type-hint))

;;; Values have one form each in questions: what is read from the store is always canonical, a number
;;; exact where it is whole, so that a value is found in a row exactly if it equals the row's.

(define-record-type <type>
  (make-type name doc storage null check to-store kind)
  column-type?
  (name type-name)               ; symbol
  (doc type-doc)                 ; string: what a value of it is, in words
  (storage type-storage)         ; symbol: how the store writes values, see plan/operand.scm
  (null type-null)               ; what NULL stands for, in a list; empty: there is none
  (check type-checker)           ; value -> value as a question means it, in a list; #f: none
  (to-store type-to-store)       ; value -> (parameter) where the store may have it, or #f
  (kind type-kind))              ; character: how rows give it, see open-rows

(define (type-check type value)
  "VALUE as it is written in a question, as one of TYPE in a list; or #f where it is none."
  ((type-checker type) value))

(define (type->store type value)
  "VALUE, whatever it is, as a list of the parameter that SQL finds it with; #f where no row can have
it."
  ((type-to-store type) value))

(define (type-quantity type)
  "What the numbers of TYPE tell: time, length (of time), size, or number where that is not known; #f where
its values are no numbers."
  (match (type-name type)
    ((or 'time 'start 'end) 'time)
    ((or 'length 'length-or-none) 'length)
    ('size-or-none 'size)
    ((or 'number 'number-or-none) 'number)
    (_ #f)))

(define (type-takes-text? type)
  "True where any text may be a value of TYPE."
  (and (memq (type-name type) '(string key package value)) #t))

(define (type-hint type value)
  "What is to be written instead of VALUE, which is none of TYPE, where that can be guessed: words to
be appended to a message; else empty."
  (define symbols
    (match (type-name type)
      ('status (vector->list statuses))
      ('outcome (cons 'running outcomes))
      ('end '(now))
      (_ '())))
  (cond ((and (symbol? value) (type-takes-text? type))
         (format #f "; write ~s" (symbol->string value)))
        ((and (number? value) (type-takes-text? type))
         (format #f "; write ~s" (number->string value)))
        ((and (string? value) (memq (string->symbol value) symbols))
         (format #f "; write '~a" value))
        ((and (or (symbol? value) (string? value))
              (near-miss (if (symbol? value) (symbol->string value) value)
                         (map symbol->string symbols)))
         => (lambda (near) (format #f "; did you mean '~a?" near)))
        ((and (string? value)
              (match (type-quantity type)
                (#f #f)
                ((and wanted (or 'time 'length)) (text-hint value wanted))
                (_ (text-hint value)))))
        (else "")))

(define (when? right?)
  ;; A checker, and a way to the store, that take a value as it is.
  (lambda (value) (and (right? value) (list value))))

;;; Text and numbers.

(define (key-check value)
  (cond ((string? value) (list value))
        ((symbol? value) (list (symbol->string value)))
        (else #f)))

(define (number-check value)
  (and (finite-real? value) (list (canonical-number value))))

(define (number->store value)
  (and (finite-real? value) (equal? value (canonical-number value)) (list value)))

(define (value-check value)
  (cond ((boolean? value) (list (if value 1 0)))
        ((string? value) (list value))
        (else (number-check value))))

(define (value->store value)
  (if (string? value) (list value) (number->store value)))

(define package-prefix "package.")

(define (package->store value)
  (and (string? value) (list (string-append package-prefix value))))

;;; Symbols that the store has as numbers or text.

(define (status->store value)
  (and=> (status->number value) list))

(define outcomes '(succeeded failed timed-out vanished cancelled unknown))

(define (outcome->store value)
  (cond ((eq? value 'running) '(#f))
        ((memq value outcomes) (list (symbol->string value)))
        (else #f)))

(define (one-of->check to-store)
  (lambda (value) (and (to-store value) (list value))))

;;; Times.

(define (time-check value)
  (and (finite-real? value)
       (let ((micros (seconds->store value))) (and micros (list (micros->seconds micros))))))

(define (time->store value)
  (and (finite-real? value)
       (let ((micros (seconds->store value)))
         (and micros (equal? value (micros->seconds micros)) (list micros)))))

;;; What may be missing.

(define (or-null null check)
  "As CHECK, or TO-STORE, with NULL for the symbol or #f NULL."
  (lambda (value) (if (eq? value null) (list null) (check value))))

(define (null-or null to-store)
  (lambda (value) (if (eq? value null) '(#f) (to-store value))))

;;; Ids.

(define (uuid-check value)
  (let ((bytes (and (string? value) (text->uuid value))))
    (and bytes (list (uuid->text bytes)))))

(define (uuid->store value)
  (let ((bytes (and (string? value) (text->uuid value))))
    (and bytes (string=? value (uuid->text bytes)) (list bytes))))

(define types
  (list
   (make-type 'string "a string" 'text '() (when? string?) (when? string?) #\r)
   (make-type 'key "a string, or where it is written in the call a symbol" 'text '()
              key-check (when? string?) #\r)
   (make-type 'package "a string" 'package '()
              (when? string?) package->store #\p)
   (make-type 'number "a number" 'number '() number-check number->store #\r)
   (make-type 'value "a string, a number, #t or #f" 'any '()
              value-check value->store #\r)
   (make-type 'status "ok, warning, critical, unknown or missing" 'status '()
              (one-of->check status->store) status->store #\s)
   (make-type 'outcome
              "running, succeeded, failed, timed-out, vanished, cancelled or unknown"
              'outcome '(running)
              (one-of->check outcome->store) outcome->store #\o)
   (make-type 'number-or-none "a number, or #f where there is none" 'number '(#f)
              (or-null #f number-check) (null-or #f number->store) #\r)
   (make-type 'size-or-none "a number of bytes, or #f where there is none" 'number '(#f)
              (or-null #f number-check) (null-or #f number->store) #\r)
   (make-type 'length "a number of seconds" 'micros '() time-check time->store #\t)
   (make-type 'length-or-none "a number of seconds, or #f where there is none" 'micros '(#f)
              (or-null #f time-check) (null-or #f time->store) #\t)
   (make-type 'time "a number of seconds since the epoch, such as (ago (days 30))" 'micros '()
              time-check time->store #\t)
   (make-type 'start "a number of seconds since the epoch, or #f where it is not known"
              'micros '(#f)
              (or-null #f time-check) (null-or #f time->store) #\t)
   (make-type 'end "a number of seconds since the epoch, or now while it lasts" 'micros '(now)
              (or-null 'now time-check) (null-or 'now time->store) #\e)
   (make-type 'id "a UUID's text" 'uuid '()
              uuid-check uuid->store #\u)))

(define (type-named name)
  "The type NAME, a symbol."
  (or (find (lambda (type) (eq? name (type-name type))) types)
      (error "no such type of columns:" name)))
