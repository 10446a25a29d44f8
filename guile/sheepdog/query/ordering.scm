;;; ordering.scm -- answers in order, and the first of them only.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The goals are described for who plans a conjunction: that of ordero as (ORDERING KEY-TERM ...), with
;;; ordering-directions, a symbol for each KEY-TERM: < is smallest first, > greatest first; that of
;;; limito as (LIMIT COUNT-TERM).  ordering-goal and limit-goal are the conjunctions of the goals inside,
;;; which open-goal opens.  Nothing may move out of limito, or into it: what is first depends on all.
(define-module (sheepdog query ordering)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog kanren stream)
  #:use-module (sheepdog kanren term)
  #:use-module (sheepdog query outer)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (ordero limito
            ordering? ordering-written ordering-directions ordering-goal
            limit? limit-written limit-goal
            ordering-goal? limit-goal?))

(define-record-type <ordering>
  (make-ordering written names directions goal)
  ordering?
  (written ordering-written)        ; see written.scm
  (names ordering-names)            ; list: the keys as they are written
  (directions ordering-directions)  ; list of < and >
  (goal ordering-goal))             ; goal: those inside

(define-record-type <limit>
  (make-limit written goal)
  limit?
  (written limit-written)           ; see written.scm
  (goal limit-goal))                ; goal: those inside

(define (ordering-goal? goal)
  "True where GOAL is one of ordero."
  (described-by? goal ordering?))

(define (limit-goal? goal)
  "True where GOAL is one of limito."
  (described-by? goal limit?))

;;; Order.

(define-syntax ordero
  (lambda (form)
    "(ordero (KEY ...) GOAL ...): the answers to the GOALs, in the order of the first KEY, of the second
among equals, and so on.  KEY is (< VARIABLE), smallest first, (> VARIABLE), greatest first, or
VARIABLE, as (< VARIABLE).  #f comes before numbers, these before strings, and these before symbols; now
is the present time.  Goals beside it may mix the answers up, so all belong inside."
    (define (key? x)
      (syntax-case x ()
        (key (identifier? #'key) (not (memq (syntax->datum #'key) '(< >))))
        ((direction key) (memq (syntax->datum #'direction) '(< >)))
        (_ #f)))
    (define (key-and-direction x)
      (syntax-case x ()
        ((direction key) #'(key direction))
        (key #'(key <))))
    (syntax-case form ()
      ((_ (key ...) goal goals ...)
       (and-map key? #'(key ...))
       (with-syntax ((written (written-syntax form))
                     (((term direction) ...) (map key-and-direction #'(key ...))))
         #'(ordering->goal (make-ordering 'written '(term ...) '(direction ...)
                                          (fresh () goal goals ...))
                           (list term ...)))))))

(define (ordering->goal ordering terms)
  (make-described-goal
   (cons ordering terms)
   (lambda (state)
     (barrier state
       (let ((start (state-branch state)))
         (lambda ()
           (stream-of-states
            (map cdr (stable-sort (keyed-answers ordering terms (conjoin/inner start (ordering-goal ordering)))
                                  (let ((directions (ordering-directions ordering)))
                                    (lambda (a b) (before? (car a) (car b) directions))))))))))))

(define (keyed-answers ordering terms stream)
  "The answers of STREAM, each as a pair of the values of TERMS and the state."
  (let loop ((stream stream) (found '()))
    (call-with-values (lambda () (stream-next stream))
      (lambda (state rest)
        (if state
            (let ((keys (walk* terms state)))
              (for-each (lambda (name key)
                          (when (pair? (unknown-variables key state))
                            (raise-about (ordering-written ordering)
                                         "ordero: ~a is not known in an answer of its goals" name)))
                        (ordering-names ordering) keys)
              (loop rest (acons (map sortable keys) state found)))
            (reverse! found))))))

(define (stream-of-states states)
  (match states
    (() #f)
    ((state) state)
    ((state . rest) (cons state (lambda () (stream-of-states rest))))))

(define (sortable value)
  (if (eq? value 'now) (present) value))

(define (before? keys others directions)
  (let loop ((keys keys) (others others) (directions directions))
    (match directions
      (() #f)
      ((direction . directions)
       (let ((order (compare (car keys) (car others))))
         (if (zero? order)
             (loop (cdr keys) (cdr others) directions)
             (eq? direction (if (negative? order) '< '>))))))))

(define (rank value)
  (cond ((not value) 0) ((real? value) 1) ((string? value) 2) ((symbol? value) 3) (else 4)))

(define (compare a b)
  "A negative number, 0 or a positive one as A stands before B, with it, or behind it."
  (define (by less?) (cond ((less? a b) -1) ((less? b a) 1) (else 0)))
  (if (= (rank a) (rank b))
      (match (rank a)
        (1 (by <))
        (2 (by string<?))
        (3 (by (lambda (a b) (string<? (symbol->string a) (symbol->string b)))))
        (_ 0))
      (- (rank a) (rank b))))

;;; Limits.

(define-syntax limito
  (lambda (form)
    "(limito COUNT GOAL ...): the first COUNT answers to the GOALs, as they are found at this place of the
conjunction."
    (syntax-case form ()
      ((_ count goal goals ...)
       (with-syntax ((written (written-syntax form)))
         #'(limit->goal (make-limit 'written (fresh () goal goals ...)) count))))))

(define (limit->goal limit count)
  (unless (or (var? count) (natural? count)) (complain-count limit count))
  (make-described-goal
   (list limit count)
   (lambda (state)
     (barrier state
       (let ((count (walk count state)))
         (unless (natural? count) (complain-count limit count))
         (let ((start (state-branch state)))
           (lambda ()
             (if (zero? count)
                 #f
                 (stream-first count (conjoin/inner start (limit-goal limit)))))))))))

(define (natural? value)
  (and (exact-integer? value) (>= value 0)))

(define (complain-count limit count)
  (raise-about (limit-written limit) "limito: its first argument must be how many answers, a whole \
number, not ~a"
               (if (var? count)
                   (format #f "~a, of which it is not known what it is"
                           (or (written-argument (limit-written limit) 0) "a variable"))
                   (describe-term count))))

(define (stream-first count stream)
  "The first COUNT answers, at least one, of STREAM."
  (stream-case stream
    (() #f)
    ((state) state)
    ((state more)
     (if (= count 1)
         state
         (cons state (lambda () (stream-first (- count 1) (more))))))
    ((thunk) (lambda () (stream-first count (thunk))))))
