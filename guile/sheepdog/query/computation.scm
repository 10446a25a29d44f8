;;; computation.scm -- goals that compute with what is known: lengths of time, sums, products, days.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A computation is an operation, see operation.scm, that says what its result is, or tells whether
;;; that is the one which others have found.  Results are in the form of canonical-number.  The result
;;; is the last argument, for pluso and timeso whichever is unknown.
(define-module (sheepdog query computation)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query text-hint)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query written)
  #:use-module (sheepdog stored-form)
  #:use-module (srfi srfi-1)
  #:export (durationo withino pluso timeso dayo))

(define-syntax-rule (define-computation (name (argument kind) ...) doc example solve)
  ;; Define NAME as what makes goals; of each ARGUMENT the KIND is time, number or text.  EXAMPLE is a
  ;; question; (SOLVE VALUE ...), variables where they are unknown, returns (N . VALUE), argument N is
  ;; VALUE; unknown; undetermined, it holds whatever is unknown; or #f: no.
  (define-operation 'computation (name argument ...) doc example
    (check-kinds '(kind ...)) (computing '(kind ...) solve)))

(define (check-kinds kinds)
  "What checks the terms of a computation of arguments of KINDS, see <operation>."
  (lambda (computation terms)
    (for-each (lambda (argument kind term)
                (unless (or (var? term) (value-of-kind kind term))
                  (complain computation argument kind term)))
              (operation-arguments computation) kinds terms)))

(define (computing kinds solve)
  "What tells a computation of arguments of KINDS by SOLVE, see <operation>."
  (lambda (computation terms state)
    (let ((values (map (lambda (argument kind term)
                         (if (var? term) term (checked computation argument kind term)))
                       (operation-arguments computation) kinds terms)))
      (and (every identity values)
           (match (apply solve values)
             (#f #f)
             ((and (or 'unknown 'undetermined) waits) waits)
             ((n . result)
              (let ((result (if (real? result) (canonical-number result) result))
                    (value (list-ref values n)))
                (cond ((var? value) (unify state value result))
                      ((real? value) (and (= value result) state))
                      (else (and (equal? value result) state))))))))))

;;; Arguments.

(define (value-of-kind kind value)
  "VALUE in a form to compute with, now as the present time; #f where it is not of KIND."
  (match kind
    ('text (and (string? value) value))
    (_ (if (eq? value 'now) (present) (and (finite-real? value) (canonical-number value))))))

(define (checked computation argument kind value)
  "VALUE of ARGUMENT, as value-of-kind has it; #f where there is no result, an error where it is wrong."
  (or (value-of-kind kind value)
      (and value
           (not (operation-lenient? computation))
           (complain computation argument kind value))))

(define (complain computation argument kind value)
  (raise-about (operation-written computation) "~a: ~a must be ~a, not ~a~a"
               (operation-name computation) argument
               (match kind
                 ('time "a time, a number of seconds or 'now")
                 ('number "a number")
                 ('text "a string such as \"2026-11-21\""))
               (describe-term value)
               (or (and (string? value)
                        (text-hint value (cond ((eq? kind 'time) 'time)
                                               ((eq? argument 'seconds) 'length)
                                               (else #f))))
                   "")))

;;; The computations.

(define (in-micros operate a b)
  "What OPERATE, + or -, makes of A and B, in seconds: they are computed with in microseconds."
  (micros->seconds ((as-store operate) (seconds->computed a) (seconds->computed b))))

(define-computation (durationo (since time) (until time) (seconds number))
  "From SINCE until UNTIL, which may be now, it is SECONDS; any two of them say what the third is.  That is
a number, and is not equal to now, also where it is the present time."
  (run* (host service seconds)
    (fresh (since until)
      (interruptiono host service since until)
      (durationo since until seconds)))
  (lambda (since until seconds)
    (match (map var? (list since until seconds))
      ((#f #f _) (cons 2 (in-micros - until since)))
      ((#f #t #f) (cons 1 (in-micros + since seconds)))
      ((#t #f #f) (cons 0 (in-micros - until seconds)))
      (_ 'unknown))))

(define-computation (withino (since time) (until time) (from time) (to time) (seconds number))
  "Of the time from SINCE up to UNTIL, SECONDS lie between FROM and TO; 0 where none do."
  (run* (host service seconds)
    ;; How much of the last 30 days each interruption took.
    (fresh (since until)
      (interruptiono host service since until)
      (withino since until (ago (days 30)) 'now seconds)
      (>o seconds 0)))
  (lambda (since until from to seconds)
    (if (any var? (list since until from to))
        'unknown
        (cons 4 (max 0 (in-micros - (min until to) (max since from)))))))

(define (finite n number)
  "That argument N is NUMBER; #f where that is beyond all numbers."
  (and (finite-real? number) (cons n number)))

(define (solve-two a b result forward backward)
  "Which of A, B and RESULT is what, if the two others are known: FORWARD makes RESULT of A and B,
BACKWARD A or B of RESULT and the other one, or undetermined or #f."
  (define (back n known)
    (match (backward result known)
      ((? real? number) (finite n number))
      (none none)))
  (match (map var? (list a b result))
    ((#f #f _) (finite 2 (forward a b)))
    ((#f #t #f) (back 1 a))
    ((#t #f #f) (back 0 b))
    (_ 'unknown)))

(define-computation (pluso (a number) (b number) (sum number))
  "A and B make SUM; any two of them say what the third is: a number, see durationo; a whole one beyond 64
bits is inexact."
  (run* (host service)
    ;; Reboots within a day after an interruption.
    (fresh (since until day-later other time)
      (interruptiono host service since until)
      (pluso until 86400 day-later)
      (evento host other 'reboot time)
      (betweeno time until day-later)))
  (lambda (a b sum) (solve-two a b sum (as-store +) (as-store -))))

(define-computation (timeso (a number) (b number) (product number))
  "A times B is PRODUCT; any two of them say what the third is, but nothing where that would have to be
divided by 0.  What times 0 is 0 may be any number, which another goal must say; else there is no answer."
  (run* (host gib)
    (fresh (memory)
      (facto host 'host.memory memory)
      (timeso gib (gibibytes 1) memory)))
  (lambda (a b product)
    (solve-two a b product (as-store *)
               (lambda (product factor)
                 (cond ((not (zero? factor)) (/ (exact->inexact product) (exact->inexact factor)))
                       ((zero? product) 'undetermined)
                       (else #f))))))

(define-computation (dayo (time time) (day text))
  "TIME is on DAY of the user's zone, as \"2026-11-21\".  Times before 1970 and after the year 9999 are on
none."
  (run* (host service day)
    (fresh (since until)
      (interruptiono host service since until)
      (dayo since day)))
  (lambda (time day)
    (cond ((var? time) 'unknown)
          ((day-of time) => (lambda (day) (cons 1 day)))
          (else #f))))
