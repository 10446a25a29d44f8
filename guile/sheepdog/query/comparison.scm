;;; comparison.scm -- goals that compare what is known: their order, and how it is told.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A comparison is an operation, see operation.scm, that finds no values.
(define-module (sheepdog query comparison)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query text-hint)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:export (<o <=o >o >=o betweeno overlapso
            define-comparison))

(define-syntax-rule (define-comparison (name argument ...) doc example holds?)
  "(define-comparison (NAME ARGUMENT ...) DOC EXAMPLE HOLDS?): define NAME as what makes goals; (HOLDS?
OPERATION ARGUMENT ...) tells, or raises a &question-error.  EXAMPLE is a question."
  (define-operation 'comparison (name argument ...) doc example check-terms (comparing holds?)))

(define (comparing holds?)
  "What tells a comparison, see <operation>."
  (lambda (comparison values state)
    (if (any var? values)
        'unknown
        (and (apply holds? comparison values) state))))

;;; What can be compared.

(define (comparable? value)
  (or (real? value) (string? value) (eq? value 'now)))

(define (check-terms comparison terms)
  (for-each (lambda (argument term)
              (unless (or (var? term) (comparable? term))
                (complain comparison argument term)))
            (operation-arguments comparison) terms))

(define (complain comparison argument value)
  (raise-about (operation-written comparison)
               "~a: ~a must be a number, a string or 'now, not ~a~a"
               (operation-name comparison) argument (describe-term value)
               (match value
                 ('yesterday "; the time a day before now is (ago (days 1))")
                 ('today "; the time of the last midnight is (today)")
                 ((? symbol?) (format #f "; write ~s" (symbol->string value)))
                 (_ ""))))

(define (compared value)
  "VALUE as it is compared: now as the present time, a number in the form that the store has it in."
  (cond ((eq? value 'now) (compared (present)))
        ((finite-real? value) (canonical-number value))
        (else value)))

(define (ordered number-test string-test)
  "What tells whether two values stand in the order of NUMBER-TEST or STRING-TEST.  #f, which stands for
what there is not, is in no order."
  (lambda (comparison a b)
    (let ((x (compared a))
          (y (compared b)))
      (cond ((and (real? x) (real? y)) (number-test x y))
            ((and (string? x) (string? y)) (string-test x y))
            ((and x y (not (operation-lenient? comparison)))
             (raise-about (operation-written comparison) "~a: ~a cannot be compared with ~a~a"
                          (operation-name comparison) (describe-term a) (describe-term b)
                          (or (any text-hint (filter string? (list a b))) "")))
            (else #f)))))

(define at-most? (ordered <= string<=?))

;;; The comparisons.

(define-comparison (<o a b)
  "A is smaller than B, or earlier: two numbers or two strings.  A fraction, as 1/3, and a whole number
beyond 64 bits stand for the inexact numbers nearest to them, here as wherever numbers of the store are
compared, computed with or added up."
  (run* (host memory)
    (facto host 'host.memory memory)
    (<o memory (gibibytes 64)))
  (ordered < string<?))

(define-comparison (<=o a b)
  "A is at most B: two numbers or two strings."
  (run* (host time load)
    (sampleo host 'load.1 time load)
    (<=o load 1))
  at-most?)

(define-comparison (>o a b)
  "A is greater than B, or later: two numbers or two strings."
  (run* (host service since until)
    ;; It is its end that is compared: one that began before counts, too.
    (interruptiono host service since until)
    (>o until (ago (days 30))))
  (ordered > string>?))

(define-comparison (>=o a b)
  "A is at least B: two numbers or two strings."
  (run* (host service exit)
    (fresh (id outcome started ended)
      (runo id host service outcome started ended exit)
      (>=o exit 1)))
  (ordered >= string>=?))

(define-comparison (betweeno a low high)
  "A is at least LOW and at most HIGH: numbers or strings."
  (run* (host service time)
    (evento host service 'reboot time)
    (betweeno time (ago (days 7)) (ago (days 2))))
  (lambda (comparison a low high)
    (and (at-most? comparison low a) (at-most? comparison a high))))

(define-comparison (overlapso since until from to)
  "The time from SINCE up to UNTIL and that from FROM up to TO overlap: each begins before the other one
ends."
  (run* (host job outcome service)
    ;; Runs of jobs while another service of the host was not ok.
    (fresh (id started ended exit since until)
      (runo id host job outcome started ended exit)
      (interruptiono host service since until)
      (overlapso started ended since until)
      (=/= job service)))
  (lambda (comparison since until from to)
    (define (number argument value)
      (let ((value (compared value)))
        (cond ((real? value) value)
              ((or (not value) (operation-lenient? comparison)) #f)
              (else
               (raise-about (operation-written comparison)
                            "overlapso: ~a must be a time, a number of seconds or 'now, not ~a"
                            argument (describe-term value))))))
    (let ((since (number 'since since)) (until (number 'until until))
          (from (number 'from from)) (to (number 'to to)))
      (and since until from to
           (< since to)
           (< from until)))))
