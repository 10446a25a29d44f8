;;; computation.scm -- goals that compute with what is known: lengths of time, sums, products, days.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A computation waits as a comparison does, see waiting.scm, but says what its result is, or tells
;;; whether that is the one which others have found.  Results are in the form of canonical-number.
;;;
;;; The goal is described, as (COMPUTATION TERM ...), for who plans a conjunction; each call has a
;;; <computation> of its own, which knows how it was written.  (computation-name COMPUTATION) says
;;; which one it is; the result is the last argument, for pluso and timeso whichever is unknown.
(define-module (sheepdog query computation)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query written)
  #:use-module (sheepdog stored-form)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (durationo withino pluso timeso dayo
            computations computation? computation-name computation-doc computation-example
            computation-arguments
            computation-written computation-lenient?
            computation-goal? computation-among computation-answers complain-unknown-computation))

(define-immutable-record-type <computation>
  (make-computation written lenient? name doc example arguments kinds solve)
  computation?
  (written computation-written set-computation-written)  ; see written.scm; #f: not known
  (lenient? computation-lenient? set-computation-lenient) ; #t: of another type there is no result
  (name computation-name)            ; symbol
  (doc computation-doc)              ; string
  (example computation-example)      ; a question, Scheme
  (arguments computation-arguments)  ; list of symbols
  (kinds computation-kinds)          ; what each of them is: time, number or text
  ;; Values, variables where they are unknown -> (N . VALUE), argument N is VALUE; unknown; or #f: no.
  (solve computation-solve))

(define registry '())

(define (computations)
  "All computations, in the order of their declarations."
  (reverse registry))

(define-syntax define-computation
  (lambda (form)
    "(define-computation (NAME (ARGUMENT KIND) ...) DOC EXAMPLE SOLVE): define NAME as what makes goals.
EXAMPLE is a question."
    (syntax-case form ()
      ((_ (name (argument kind) ...) doc example solve)
       (with-syntax (((computation procedure maker)
                      (derived-names #'name '(computation procedure maker))))
         #'(begin
             (define computation
               (declare (make-computation #f #f 'name doc 'example '(argument ...) '(kind ...)
                                          solve)))
             (define procedure (computation->procedure computation))
             (define (maker written . terms)
               (computation-goal (set-computation-written computation written) terms))
             (define-goal-maker name maker procedure)))))))

(define (declare computation)
  (set! registry (cons computation registry))
  computation)

(define (computation->procedure computation)
  "The procedure that makes goals of COMPUTATION."
  (goal-procedure (lambda terms (computation-goal computation terms))
                  (computation-name computation) (computation-arguments computation)
                  (computation-doc computation)))

(define (computation-goal computation terms)
  "The goal that COMPUTATION holds for TERMS."
  (define name (computation-name computation))
  (define arguments (computation-arguments computation))
  (define written (computation-written computation))
  (complain-if-goal written name arguments terms)
  (unless (= (length terms) (length arguments))
    (complain-about-count written name arguments (length terms)))
  (for-each (lambda (argument kind term)
              (unless (or (var? term) (value-of-kind computation kind term))
                (complain computation argument kind term)))
            arguments (computation-kinds computation) terms)
  (described computation terms))

(define (described computation terms)
  (letrec ((goal (make-described-goal
                  (cons computation terms)
                  (lambda (state)
                    (barrier state
                      (match (computation-answers goal state)
                        ('unknown (complain-unknown-computation goal state))
                        (answers answers)))))))
    goal))

(define (computation-goal? goal)
  "True where GOAL is one that a computation made."
  (described-by? goal computation?))

(define (computation-among goal any-typed)
  "GOAL, of a computation, as it is meant where each of ANY-TYPED, a list of terms, may be a number or a
string as it comes: of one of the other type there is no result, instead of an end of the question."
  (match (goal-description goal)
    ((computation . terms)
     (if (any (lambda (term) (and (var? term) (memq term any-typed))) terms)
         (described (set-computation-lenient computation #t) terms)
         goal))))

(define (computation-answers goal state)
  "STATE with what GOAL, of a computation, says; #f where it does not hold; unknown where arguments
are that it computes with."
  (match (goal-description goal)
    ((computation . terms)
     (let* ((terms (map (lambda (term) (walk term state)) terms))
            (values (map (lambda (argument kind term)
                           (if (var? term) term (checked computation argument kind term)))
                         (computation-arguments computation) (computation-kinds computation) terms)))
       (and (every identity values)
            (match (apply (computation-solve computation) values)
              (#f #f)
              ('unknown 'unknown)
              ((n . result)
               (let ((result (if (real? result) (canonical-number result) result))
                     (value (list-ref values n)))
                 (cond ((var? value) (unify state value result))
                       ((real? value) (and (= value result) state))
                       (else (and (equal? value result) state)))))))))))

(define (complain-unknown-computation goal state)
  "Raise the &question-error that an argument of GOAL, of a computation, is unknown in STATE."
  (match (goal-description goal)
    ((computation . terms)
     (raise-unknown-argument (computation-written computation) "computes with"
                             (computation-name computation) (computation-arguments computation)
                             (map (lambda (term) (walk term state)) terms) var?))))

;;; Arguments.

(define (value-of-kind computation kind value)
  "VALUE in a form to compute with, now as the present time; #f where it is not of KIND."
  (match kind
    ('text (and (string? value) value))
    (_ (if (eq? value 'now) (present) (and (finite-real? value) value)))))

(define (checked computation argument kind value)
  "VALUE of ARGUMENT, as value-of-kind has it; #f where there is no result, an error where it is wrong."
  (or (value-of-kind computation kind value)
      (and value
           (not (computation-lenient? computation))
           (complain computation argument kind value))))

(define (complain computation argument kind value)
  (raise-about (computation-written computation) "~a: ~a must be ~a, not ~a"
               (computation-name computation) argument
               (match kind
                 ('time "a time, a number of seconds or 'now")
                 ('number "a number")
                 ('text "a string such as \"2026-11-21\""))
               (describe-term value)))

;;; The computations.

(define (micros-between since until)
  (- (seconds->micros until) (seconds->micros since)))

(define-computation (durationo (since time) (until time) (seconds number))
  "From SINCE until UNTIL, which may be now, it is SECONDS; any two of them say what the third is."
  (run* (host service seconds)
    (fresh (since until)
      (interruptiono host service since until)
      (durationo since until seconds)))
  (lambda (since until seconds)
    (define (time n micros) (cons n (micros->seconds micros)))
    (match (map var? (list since until seconds))
      ((#f #f _) (time 2 (micros-between since until)))
      ((#f #t #f) (time 1 (+ (seconds->micros since) (seconds->micros seconds))))
      ((#t #f #f) (time 0 (- (seconds->micros until) (seconds->micros seconds))))
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
        (cons 4 (micros->seconds (max 0 (micros-between (max since from) (min until to))))))))

(define (finite n number)
  "That argument N is NUMBER; #f where that is beyond all numbers."
  (and (finite-real? number) (cons n number)))

(define (solve-two a b result forward backward)
  "Which of A, B and RESULT is what, if the two others are known: FORWARD makes RESULT of A and B,
BACKWARD A or B of RESULT and the other one, or #f."
  (match (map var? (list a b result))
    ((#f #f _) (finite 2 (forward a b)))
    ((#f #t #f) (and=> (backward result a) (lambda (number) (finite 1 number))))
    ((#t #f #f) (and=> (backward result b) (lambda (number) (finite 0 number))))
    (_ 'unknown)))

(define-computation (pluso (a number) (b number) (sum number))
  "A and B make SUM; any two of them say what the third is."
  (run* (host service)
    ;; Reboots within a day after an interruption.
    (fresh (since until day-later other time)
      (interruptiono host service since until)
      (pluso until 86400 day-later)
      (evento host other 'reboot time)
      (betweeno time until day-later)))
  (lambda (a b sum) (solve-two a b sum + -)))

(define-computation (timeso (a number) (b number) (product number))
  "A times B is PRODUCT; any two of them say what the third is, but nothing where that would have to be
divided by 0."
  (run* (host gib)
    (fresh (memory)
      (facto host 'host.memory memory)
      (timeso gib (gibibytes 1) memory)))
  (lambda (a b product)
    (solve-two a b product *
               (lambda (product factor)
                 (and (not (zero? factor))
                      (exact->inexact (/ product factor)))))))

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
