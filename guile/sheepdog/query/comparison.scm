;;; comparison.scm -- goals that compare what is known: their order, and how it is told.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A comparison finds no values: it waits until other goals of its conjunction have said what its
;;; arguments are (see waiting.scm), and is an error if none does.
;;;
;;; The goal is described, as (COMPARISON ARGUMENT ...), for who plans a conjunction; each call has a
;;; <comparison> of its own, which knows how it was written.
(define-module (sheepdog query comparison)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (<o <=o >o >=o betweeno overlapso
            define-comparison comparisons
            comparison? comparison-name comparison-doc comparison-example comparison-arguments comparison-written
            comparison-lenient?
            comparison-goal? comparison-among comparison-result complain-unknown))

(define-immutable-record-type <comparison>
  (make-comparison written lenient? name doc example arguments holds?)
  comparison?
  (written comparison-written set-comparison-written)  ; see written.scm; #f: not known
  (lenient? comparison-lenient? set-comparison-lenient) ; #t: what cannot be compared is in no order
  (name comparison-name)             ; symbol
  (doc comparison-doc)               ; string
  (example comparison-example)       ; a question, Scheme
  (arguments comparison-arguments)   ; list of symbols
  (holds? comparison-holds?))        ; comparison, values -> boolean; raises &question-error

(define registry '())

(define (comparisons)
  "All comparisons, in the order of their declarations."
  (reverse registry))

(define-syntax define-comparison
  (lambda (form)
    "(define-comparison (NAME ARGUMENT ...) DOC EXAMPLE HOLDS?): define NAME as what makes goals; (HOLDS?
COMPARISON ARGUMENT ...) tells.  EXAMPLE is a question."
    (syntax-case form ()
      ((_ (name argument ...) doc example holds?)
       (with-syntax (((comparison procedure maker)
                      (derived-names #'name '(comparison procedure maker))))
         #'(begin
             (define comparison (declare (make-comparison #f #f 'name doc 'example '(argument ...)
                                                         holds?)))
             (define procedure (comparison->procedure comparison))
             (define (maker written . terms)
               (comparison-goal (set-comparison-written comparison written) terms))
             (define-goal-maker name maker procedure)))))))

(define (declare comparison)
  (set! registry (cons comparison registry))
  comparison)

(define (comparison->procedure comparison)
  "The procedure that makes goals of COMPARISON."
  (goal-procedure (lambda terms (comparison-goal comparison terms))
                  (comparison-name comparison) (comparison-arguments comparison)
                  (comparison-doc comparison)))

(define (comparison-goal comparison terms)
  "The goal that COMPARISON holds for TERMS."
  (define name (comparison-name comparison))
  (define arguments (comparison-arguments comparison))
  (define written (comparison-written comparison))
  (complain-if-goal written name arguments terms)
  (unless (= (length terms) (length arguments))
    (complain-about-count written name arguments (length terms)))
  (for-each (lambda (argument term)
              (unless (or (var? term) (comparable? term))
                (complain comparison argument term)))
            arguments terms)
  (described comparison terms))

(define (described comparison terms)
  (letrec ((goal (make-described-goal
                  (cons comparison terms)
                  (lambda (state)
                    (barrier state
                      (match (comparison-result goal state)
                        ('unknown (complain-unknown goal state))
                        (result (and result state))))))))
    goal))

(define (comparison-goal? goal)
  "True where GOAL is one that a comparison made."
  (described-by? goal comparison?))

(define (comparison-among goal any-typed)
  "GOAL, of a comparison, as it is meant where each of ANY-TYPED, a list of terms, may be a number or a
string as it comes: one of the other type is in no order, instead of ending the question."
  (match (goal-description goal)
    ((comparison . terms)
     (if (any (lambda (term) (and (var? term) (memq term any-typed))) terms)
         (described (set-comparison-lenient comparison #t) terms)
         goal))))

(define (comparison-result goal state)
  "Whether GOAL, of a comparison, holds in STATE: #t, #f, or unknown where an argument is."
  (match (goal-description goal)
    ((comparison . terms)
     (let ((values (map (lambda (term) (walk term state)) terms)))
       (if (any var? values)
           'unknown
           (apply (comparison-holds? comparison) comparison values))))))

(define (complain-unknown goal state)
  "Raise the &question-error that an argument of GOAL, of a comparison, is unknown in STATE."
  (match (goal-description goal)
    ((comparison . terms)
     (raise-unknown-argument (comparison-written comparison) "compares"
                             (comparison-name comparison) (comparison-arguments comparison)
                             (map (lambda (term) (walk term state)) terms) var?))))

;;; What can be compared.

(define (comparable? value)
  (or (real? value) (string? value) (eq? value 'now)))

(define (complain comparison argument value)
  (raise-about (comparison-written comparison)
               "~a: ~a must be a number, a string or 'now, not ~a~a"
               (comparison-name comparison) argument (describe-term value)
               (if (symbol? value) (format #f "; write ~s" (symbol->string value)) "")))

(define (ordered number-test string-test)
  "What tells whether two values stand in the order of NUMBER-TEST or STRING-TEST.  now is the present
time; #f, which stands for what there is not, is in no order."
  (lambda (comparison a b)
    (let ((x (if (eq? a 'now) (present) a))
          (y (if (eq? b 'now) (present) b)))
      (cond ((and (real? x) (real? y)) (number-test x y))
            ((and (string? x) (string? y)) (string-test x y))
            ((and x y (not (comparison-lenient? comparison)))
             (raise-about (comparison-written comparison) "~a: ~a cannot be compared with ~a"
                          (comparison-name comparison) (describe-term a) (describe-term b)))
            (else #f)))))

(define at-most? (ordered <= string<=?))

;;; The comparisons.

(define-comparison (<o a b)
  "A is smaller than B, or earlier: two numbers or two strings."
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
      (let ((value (if (eq? value 'now) (present) value)))
        (cond ((real? value) value)
              ((or (not value) (comparison-lenient? comparison)) #f)
              (else
               (raise-about (comparison-written comparison)
                            "overlapso: ~a must be a time, a number of seconds or 'now, not ~a"
                            argument (describe-term value))))))
    (let ((since (number 'since since)) (until (number 'until until))
          (from (number 'from from)) (to (number 'to to)))
      (and since until from to
           (< since to)
           (< from until)))))
