;;; type.scm -- the types of the columns of relations: what the store has, and what questions see.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query type)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog stored-form)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (type-named type-name type-doc type-reads-time?
            type-check type->store type-from-store type-takes-text? type-hint))

(define-record-type <type>
  (make-type name doc check to-store from-store)
  column-type?
  (name type-name)               ; symbol
  (doc type-doc)                 ; string: what a value of it is, in words
  (check type-checker)           ; value -> value as a question means it, in a list; #f: none
  (to-store type-to-store)       ; value -> (parameter) where the store may have it, or #f
  (from-store type-from-store))  ; what SQL selects -> value

(define (type-check type value)
  "VALUE as it is written in a question, as one of TYPE in a list; or #f where it is none."
  ((type-checker type) value))

(define (type->store type value)
  "VALUE, whatever it is, as a list of the parameter that SQL finds it with; #f where no row can have
it."
  ((type-to-store type) value))

(define (type-reads-time? type)
  "True where TYPE's values are times."
  (and (memq (type-name type) '(time start end)) #t))

(define (type-takes-text? type)
  "True where any text may be a value of TYPE."
  (and (memq (type-name type) '(string key value)) #t))

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
        ((and (string? value) (memq (string->symbol value) symbols))
         (format #f "; write '~a" value))
        ((and (or (symbol? value) (string? value))
              (near-miss (if (symbol? value) (symbol->string value) value)
                         (map symbol->string symbols)))
         => (lambda (near) (format #f "; did you mean '~a?" near)))
        (else "")))

(define (when? right?)
  ;; A checker, and a way to the store, that take a value as it is.
  (lambda (value) (and (right? value) (list value))))

;;; Text and numbers.

(define (key-check value)
  (cond ((string? value) (list value))
        ((symbol? value) (list (symbol->string value)))
        (else #f)))

(define (finite-real? value)
  (and (real? value) (not (nan? value)) (not (inf? value))))

(define (value-check value)
  (cond ((boolean? value) (list (if value 1 0)))
        ((or (string? value) (finite-real? value)) (list value))
        (else #f)))

(define (value->store value)
  (and (or (string? value) (finite-real? value)) (list value)))

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

(define (time->store value)
  (and (finite-real? value)
       (let ((micros (seconds->store value))) (and micros (list micros)))))

(define (end->store value)
  (if (eq? value 'now) '(#f) (time->store value)))

(define (start->store value)
  (if value (time->store value) '(#f)))

;;; Ids.

(define (uuid->store value)
  (and=> (and (string? value) (text->uuid value)) list))

(define types
  (list
   (make-type 'string "a string" (when? string?) (when? string?) identity)
   (make-type 'key "a string, or where it is written in the call a symbol"
              key-check (when? string?) identity)
   (make-type 'number "a number" (when? finite-real?) (when? finite-real?) identity)
   (make-type 'value "a string, a number, #t or #f" value-check value->store identity)
   (make-type 'status "ok, warning, critical, unknown or missing"
              (one-of->check status->store) status->store
              number->status)
   (make-type 'outcome
              "running, succeeded, failed, timed-out, vanished, cancelled or unknown"
              (one-of->check outcome->store) outcome->store
              (lambda (text) (if text (string->symbol text) 'running)))
   (make-type 'number-or-none "a number, or #f where there is none"
              (lambda (value) (and (or (not value) (finite-real? value)) (list value)))
              (lambda (value) (and (or (not value) (finite-real? value)) (list value)))
              identity)
   (make-type 'length-or-none "a number of seconds, or #f where there is none"
              (lambda (value) (and (or (not value) (finite-real? value)) (list value)))
              start->store micros->seconds)
   (make-type 'time "a number of seconds since the epoch, such as (ago (days 30))"
              (when? finite-real?) time->store micros->seconds)
   (make-type 'start "a number of seconds since the epoch, or #f where it is not known"
              (lambda (value) (and (or (not value) (finite-real? value)) (list value)))
              start->store micros->seconds)
   (make-type 'end "a number of seconds since the epoch, or now while it lasts"
              (lambda (value) (and (or (eq? value 'now) (finite-real? value)) (list value)))
              end->store (lambda (micros) (or (micros->seconds micros) 'now)))
   (make-type 'id "a UUID's text" (one-of->check uuid->store)
              uuid->store
              uuid->text)))

(define (type-named name)
  "The type NAME, a symbol."
  (or (find (lambda (type) (eq? name (type-name type))) types)
      (error "no such type of columns:" name)))
