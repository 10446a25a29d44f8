;;; tally.scm -- counting, adding up and comparing values, group by group.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query tally)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module ((sheepdog kanren extend) #:select (var?))
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (make-tally tally-add! tally-rows))

;;; Kinds of aggregates: what they make of values one by one.  The present time stands for now already.

(define-record-type <kind>
  (make-kind name takes initial step result)
  kind?
  (name kind-name)         ; symbol
  (takes kind-takes)       ; of what: answers, numbers, or values, which are numbers or strings
  (initial kind-initial)   ; what is made of no value
  (step kind-step)         ; what is made so far, value -> what is made then
  (result kind-result))    ; what is made in the end -> the result in a list, or #f: there is none

(define (median numbers)
  ;; As the store's median() has it, to the last digit.
  (let* ((alike (if (every exact-integer? numbers) numbers (map exact->inexact numbers)))
         (sorted (list->vector (sort alike <)))
         (count (vector-length sorted))
         (upper (vector-ref sorted (quotient count 2)))
         (lower (vector-ref sorted (quotient (- count 1) 2))))
    (cond ((= lower upper) upper)
          ((and (inexact? lower) (millionths lower) (millionths upper))
           (/ (exact->inexact (+ (millionths lower) (millionths upper))) 2e6))
          (else (+ (/ (exact->inexact lower) 2) (/ (exact->inexact upper) 2))))))

(define (number-result number)
  (list (canonical-number number)))

;; A sum is exact until it is told: whether all that went into it was whole; the number; and the same in
;; millionths, #f where something was not so many.  See the core's exact_sum.
(define empty-sum '(#t 0 0))

(define (add-exactly sum value)
  (match sum
    ((whole? number count)
     (list (and whole? (exact? value))
           (+ number (inexact->exact value))
           (and count (let ((more (millionths value))) (and more (+ count more))))))))

(define (told-sum sum)
  (match sum
    ((#t (? whole? number) _) number)
    ((#f _ (? small? count)) (/ (exact->inexact count) 1e6))
    ((_ number _)
     (let ((sum (exact->inexact number)))
       (unless (finite-real? sum) (raise-question-error #f "a sum is beyond all numbers"))
       sum))))

(define (small? count)
  (and count (< (abs count) 9007199254740992)))

(define (value-result value)
  (and value (list (if (real? value) (canonical-number value) value))))

(define (kind-of-best number-test string-test number-before-string?)
  (lambda (best value)
    (if (and best
             (cond ((eq? (string? best) (string? value))
                    (if (string? value) (string-test best value) (number-test best value)))
                   (else (eq? number-before-string? (string? value)))))
        best
        value)))

(define kinds
  (list
   (make-kind 'counto 'answers 0 (lambda (count value) (+ count 1)) list)
   (make-kind 'sumo 'numbers empty-sum add-exactly (compose number-result told-sum))
   (make-kind 'mino 'values #f (kind-of-best <= string<=? #t) value-result)
   (make-kind 'maxo 'values #f (kind-of-best >= string>=? #f) value-result)
   (make-kind 'avgo 'numbers (cons 0 empty-sum)
              (match-lambda* (((count . sum) value) (cons (+ count 1) (add-exactly sum value))))
              (match-lambda
                ((0 . _) #f)
                ((count . sum) (number-result (/ (exact->inexact (told-sum sum)) count)))))
   (make-kind 'mediano 'numbers '() (lambda (numbers value) (cons value numbers))
              (match-lambda (() #f) (numbers (number-result (median numbers)))))))

;;; Tallies.

(define-record-type <tally>
  (%make-tally written name kinds input-names any-typed groups order)
  tally?
  (written tally-written)             ; see written.scm: of the form that tallies
  (name tally-name)                   ; symbol: its name
  (kinds tally-kinds)                 ; list of <kind>
  (input-names tally-input-names)     ; list: how the inputs are written
  (any-typed tally-any-typed)         ; list: #t for those that may be of any type
  (groups tally-groups)               ; hash table: keys -> what the kinds have made so far, a list
  (order tally-order set-tally-order!)) ; list of keys, the latest first

(define (make-tally written name kind-names input-names any-typed whole?)
  "A tally of the aggregates KIND-NAMES, a list, for the form NAME that was WRITTEN so; INPUT-NAMES say
how it calls what goes into each; of those for which there is #t in ANY-TYPED, numbers stand before
strings, and only numbers are added up.  WHOLE?: there is one group, without keys, also where there are
no answers."
  (let ((tally (%make-tally written name
                            (map (lambda (name) (find (lambda (kind) (eq? name (kind-name kind))) kinds))
                                 kind-names)
                            input-names any-typed (make-hash-table) '())))
    (when whole? (made-so-far tally '()))
    tally))

(define (made-so-far tally keys)
  (or (hash-ref (tally-groups tally) keys)
      (let ((made (map kind-initial (tally-kinds tally))))
        (set-tally-order! tally (cons keys (tally-order tally)))
        (hash-set! (tally-groups tally) keys made)
        made)))

(define (tally-add! tally keys values)
  "Add an answer to TALLY, with its KEYS, a list, and the list of VALUES for the aggregates.
Errors: &question-error where a value is none that can be added or compared."
  (define (step kind name any-typed? made value)
    (let ((value (or (eq? 'answers (kind-takes kind))
                     (checked tally kind name any-typed? made value))))
      (if value ((kind-step kind) made value) made)))
  (let ((made (made-so-far tally keys)))
    (hash-set! (tally-groups tally) keys
               (map step (tally-kinds tally) (tally-input-names tally) (tally-any-typed tally)
                    made values))))

(define (checked tally kind name any-typed? made value)
  "VALUE as it goes into KIND, where it is called NAME and MADE is made so far; #f: it does not."
  (define (complain template . arguments)
    (raise-about (tally-written tally) "~a: ~?" (tally-name tally) template arguments))
  (define texts? (eq? 'values (kind-takes kind)))
  (cond
   ((not value) #f)
   ((eq? value 'now) (checked tally kind name any-typed? made (present)))
   ((var? value) (complain "~a is not known in an answer of its goals" name))
   ((and any-typed? (string? value)) (and texts? value))
   ((not (or (finite-real? value) (and texts? (string? value))))
    (complain "~a must be a number~a, not ~a" name (if texts? " or a string" "")
              (describe-term value)))
   ((and texts? made (not any-typed?) (not (eq? (string? made) (string? value))))
    (complain "~a is ~a in one answer and ~a in another one, which cannot be compared"
              name (describe-term made) (describe-term value)))
   ((string? value) value)
   (else (canonical-number value))))

(define (tally-rows tally)
  "The groups of TALLY, in the order of their first answers: lists of the keys and the results."
  (filter-map
   (lambda (keys)
     (let ((results (map (lambda (kind made) ((kind-result kind) made))
                         (tally-kinds tally) (hash-ref (tally-groups tally) keys))))
       (and (every identity results)
            (append keys (concatenate results)))))
   (reverse (tally-order tally))))
