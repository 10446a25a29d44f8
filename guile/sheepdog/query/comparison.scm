;;; comparison.scm -- goals that compare what is known: order and patterns.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A comparison finds no values: it waits until other goals of its conjunction have said what its
;;; arguments are (see waiting.scm), and is an error if none does.
;;;
;;; The goal is described, as (COMPARISON ARGUMENT ...), for who plans a conjunction.
(define-module (sheepdog query comparison)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query glob)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query time)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (<o <=o >o >=o betweeno matcheso
            comparisons comparison-name comparison-doc comparison-arguments
            comparison-goal? comparison-result complain-unknown))

(define-record-type <comparison>
  (make-comparison name doc arguments holds?)
  comparison?
  (name comparison-name)             ; symbol
  (doc comparison-doc)               ; string
  (arguments comparison-arguments)   ; list of symbols
  (holds? comparison-holds?))        ; name, values -> boolean; raises &question-error

(define registry '())

(define (comparisons)
  "All comparisons, in the order of their declarations."
  (reverse registry))

(define-syntax-rule (define-comparison (name argument ...) doc holds?)
  ;; Define NAME as the procedure that makes goals; (HOLDS? 'NAME ARGUMENT ...) tells.
  (define name (comparison->procedure (make-comparison 'name doc '(argument ...) holds?))))

(define (comparison->procedure comparison)
  (define name (comparison-name comparison))
  (define arguments (comparison-arguments comparison))
  (let ((procedure
         (lambda terms
           (complain-if-goal name arguments terms)
           (unless (= (length terms) (length arguments))
             (complain-about-count name arguments (length terms)))
           (for-each (lambda (argument term)
                       (unless (or (var? term) (comparable? term))
                         (complain name argument term)))
                     arguments terms)
           (letrec ((goal (make-described-goal
                           (cons comparison terms)
                           (lambda (state)
                             (match (comparison-result goal state)
                               ('unknown (complain-unknown goal state))
                               (result (and result state)))))))
             goal))))
    (set-procedure-property! procedure 'name name)
    (set-procedure-property! procedure 'documentation
                             (string-append (object->string (cons name arguments)) ": "
                                            (comparison-doc comparison)))
    (set! registry (cons comparison registry))
    procedure))

(define (comparison-goal? goal)
  "True where GOAL is one that a comparison made."
  (and (described-goal? goal)
       (match (goal-description goal)
         (((? comparison?) . _) #t)
         (_ #f))))

(define (comparison-result goal state)
  "Whether GOAL, of a comparison, holds in STATE: #t, #f, or unknown where an argument is."
  (match (goal-description goal)
    ((comparison . terms)
     (let ((values (map (lambda (term) (walk term state)) terms)))
       (if (any var? values)
           'unknown
           (apply (comparison-holds? comparison) (comparison-name comparison) values))))))

(define (complain-unknown goal state)
  "Raise the &question-error that an argument of GOAL, of a comparison, is unknown in STATE."
  (match (goal-description goal)
    ((comparison . terms)
     (let* ((unknown? (lambda (term) (var? (walk term state))))
            (shown (map (lambda (argument term)
                          (let ((value (walk term state))) (if (var? value) argument value)))
                        (comparison-arguments comparison) terms)))
       (raise-question-error
        "~s: the ~a argument, ~a, is not known at the end of its conjunction; a relation beside it \
must say what it is"
        (cons (comparison-name comparison) shown)
        (ordinal (list-index unknown? terms))
        (list-ref (comparison-arguments comparison) (list-index unknown? terms)))))))

;;; What can be compared.

(define (comparable? value)
  (or (real? value) (string? value) (eq? value 'now)))

(define (complain name argument value)
  (raise-question-error "~a: ~a is a number, a string or now, not ~s" name argument value))

(define (ordered number-test string-test)
  "What tells whether two values stand in the order of NUMBER-TEST or STRING-TEST.  now is the present
time; #f, which stands for what there is not, is in no order."
  (lambda (name a b)
    (let ((x (if (eq? a 'now) (present) a))
          (y (if (eq? b 'now) (present) b)))
      (cond ((and (real? x) (real? y)) (number-test x y))
            ((and (string? x) (string? y)) (string-test x y))
            ((and x y)
             (raise-question-error "~a: ~a cannot be compared with ~a"
                                   name (in-words a) (in-words b)))
            (else #f)))))

(define (in-words value)
  (cond ((string? value) (format #f "the string ~s" value))
        ((real? value) (format #f "the number ~a" value))
        (else (format #f "~s" value))))

(define at-most? (ordered <= string<=?))

;;; The comparisons.

(define-comparison (<o a b)
  "A is smaller than B, or earlier: two numbers or two strings."
  (ordered < string<?))

(define-comparison (<=o a b)
  "A is at most B: two numbers or two strings."
  at-most?)

(define-comparison (>o a b)
  "A is greater than B, or later: two numbers or two strings."
  (ordered > string>?))

(define-comparison (>=o a b)
  "A is at least B: two numbers or two strings."
  (ordered >= string>=?))

(define-comparison (betweeno a low high)
  "A is at least LOW and at most HIGH: numbers or strings."
  (lambda (name a low high) (and (at-most? name low a) (at-most? name a high))))

(define-comparison (matcheso text pattern)
  "The string TEXT matches PATTERN, where * is any text, ? any character, [a-z] one of these and
[^a-z] none of these.  A number matches nothing."
  (lambda (name text pattern)
    (unless (string? pattern)
      (raise-question-error "~a: pattern is a string such as \"web*\", not ~s" name pattern))
    (cond ((string? text) (glob-matches? pattern text))
          ((or (not text) (real? text)) #f)
          (else (raise-question-error "~a: text is a string, not ~s" name text)))))
