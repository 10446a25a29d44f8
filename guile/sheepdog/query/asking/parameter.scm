;;; parameter.scm -- the typed parameters of questions that have names.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A parameter is written (NAME TYPE HELP), and must be given then; (NAME TYPE DEFAULT HELP), where the
;;; default is as people would type it, a number or a string; or (NAME TYPE any HELP): left out, it may
;;; have any value, as a variable.
(define-module (sheepdog query asking parameter)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog time-text)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (read-parameter parameter-name parameter-type-name parameter-help parameter-default
            parameter-required? parameter-value parameter-usage parameter-right
            parse-size))

(define-immutable-record-type <type>
  (%make-type name word right parse fault)
  type?
  (name type-name)     ; symbol
  (word type-word)     ; string: how a value is called, "DAYS"
  (right type-right)   ; string: what is right, in words
  (parse type-parse)   ; string -> value, or #f where it is none
  (fault type-fault))  ; string -> what is wrong with it, where that can be said better; or #f

(define* (make-type name word right parse #:optional (fault (const #f)))
  (%make-type name word right parse fault))

(define-immutable-record-type <parameter>
  (make-parameter name type default help)
  parameter?
  (name parameter-name)        ; symbol
  (type parameter-type)        ; <type>
  (default parameter-default)  ; string as it is typed; any; #f: it must be given
  (help parameter-help))       ; string, one sentence

;;; Types.

(define (parse-text text)
  (and (not (string-null? text)) text))

(define (parse-word text)
  (and (not (string-null? text)) (not (string-any char-whitespace? text)) text))

(define (parse-number text)
  (let ((number (string->number text)))
    (and number (real? number) (not (nan? number)) (not (inf? number)) number)))

(define (parse-count text)
  (let ((number (string->number text)))
    (and (exact-integer? number) (positive? number) number)))

(define (length-in unit)
  ;; A number alone counts in UNIT.
  (lambda (text)
    (match (parse-number text)
      (#f (parse-duration text))
      (number (and (>= number 0) (unit number))))))

(define size-units
  `(("" . 1) ("K" . ,(kibibytes 1)) ("M" . ,(mebibytes 1)) ("G" . ,(gibibytes 1))
    ("T" . ,(tebibytes 1))))

(define (parse-size text)
  "The bytes in TEXT, such as \"512MiB\", \"8G\" or \"1024\"; #f where it is no size."
  (match (string-match "^([0-9]+(\\.[0-9]+)?) ?([KMGT]?)(iB|B)?$" text)
    (#f #f)
    (found (inexact->exact
            (round (* (string->number (match:substring found 1))
                      (assoc-ref size-units (match:substring found 3))))))))

(define (bare-number? text)
  (and (string-match "^[0-9]+(\\.[0-9]+)?$" text) #t))

(define (size-fault text)
  ;; Who has written a small one thinks of the unit that is usual.
  (and (bare-number? text)
       (format #f "~a has no unit; write ~a~a" text text
               (if (< (string->number text) (mebibytes 1)) "GiB" "B"))))

(define (parse-past text)
  (match (parse-since text (present))
    ((? (lambda (time) (and time (<= time (%now)))) time) time)
    (_ #f)))

(define (past-fault text)
  (and (parse-since text (present)) (format #f "~s is yet to come" text)))

(define (length-type name word unit example)
  (make-type name word
             (format #f "a length of time: a number of ~a, or with a unit, as ~a" name example)
             (length-in unit)))

(define types
  (list
   (make-type 'text "TEXT" "a text that is not empty" parse-text)
   (make-type 'host "HOST" "the name of a host" parse-word)
   (make-type 'service "SERVICE" "the name of a service" parse-text)
   (make-type 'version "VERSION" "a version, without blanks, as 1.22.1-9" parse-word)
   (make-type 'number "NUMBER" "a number" parse-number)
   (make-type 'count "N" "a whole number from 1" parse-count)
   (make-type 'size "SIZE" "a size with its unit, as 512MiB or 8GiB"
              (lambda (text) (and (not (bare-number? text)) (parse-size text)))
              size-fault)
   (make-type 'time "TIME" "a length of time before now, as 7d, or a date, as 2026-01-31 or \
\"2026-01-31 14:00\""
              parse-past past-fault)
   (length-type 'seconds "SECONDS" seconds "5m")
   (length-type 'minutes "MINUTES" minutes "1h30m")
   (length-type 'hours "HOURS" hours "2d")
   (length-type 'days "DAYS" days "36h")))

(define (type-named name)
  (find (lambda (type) (eq? name (type-name type))) types))

;;; Reading.

(define (read-parameter form place)
  "The <parameter> that FORM, a datum, declares at PLACE.  Errors: &config-error."
  (define (wrong template . arguments)
    (apply raise-config-error place template arguments))
  (define (make name type default help)
    (unless (type-named type)
      (let ((near (near-miss (symbol->string type) (map (compose symbol->string type-name) types))))
        (wrong "parameter ~a: there is no type ~a~a" name type
               (if near
                   (string-append "; did you mean " near "?")
                   (format #f "; there are ~a" (string-join (map (compose symbol->string type-name)
                                                                 types)
                                                            ", "))))))
    (let ((parameter (make-parameter name (type-named type)
                                     (if (number? default) (number->string default) default) help)))
      (when (string? (parameter-default parameter))
        (parameter-value parameter (parameter-default parameter)
                         (lambda (template . arguments)
                           (wrong "parameter ~a: its default, ~s, is not ~a" name default
                                  (parameter-right parameter)))))
      parameter))
  (match form
    (((? symbol? name) (? symbol? type) (? string? help)) (make name type #f help))
    (((? symbol? name) (? symbol? type) (and default (or 'any (? string?) (? real?))) (? string? help))
     (make name type default help))
    (_ (wrong "~s is no parameter; one is written (NAME TYPE \"Help.\") or (NAME TYPE DEFAULT \
\"Help.\"), where DEFAULT is a number, a string or any" form))))

(define (parameter-type-name parameter)
  "The name of the type of PARAMETER, a symbol."
  (type-name (parameter-type parameter)))

(define (parameter-right parameter)
  "What a value of PARAMETER must be, in words."
  (type-right (parameter-type parameter)))

(define (parameter-required? parameter)
  "True where PARAMETER has no default."
  (not (parameter-default parameter)))

(define* (parameter-value parameter text #:optional (wrong (lambda arguments
                                                             (apply raise-config-error #f arguments))))
  "The value of PARAMETER that is typed TEXT: a number, lengths of time in seconds and times in seconds
since the epoch; or a string.  Where TEXT is none, WRONG is called with a template and its arguments."
  (define type (parameter-type parameter))
  (or ((type-parse type) text)
      (match ((type-fault type) text)
        (#f (wrong "--~a: ~s is not ~a" (parameter-name parameter) text (parameter-right parameter)))
        (fault (wrong "--~a: ~a" (parameter-name parameter) fault)))))

(define (parameter-usage parameter)
  "How PARAMETER is given, \"--days DAYS\"."
  (format #f "--~a ~a" (parameter-name parameter) (type-word (parameter-type parameter))))
