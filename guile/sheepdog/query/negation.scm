;;; negation.scm -- noto, there is no such answer; someo, there is one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Both wait for the variables from around them, see waiting.scm, and say nothing of any variable.
;;;
;;; The goal is described, as (EXISTENCE TERM ...), for who plans a conjunction: the TERMs are all those
;;; with variables that come from around the form; (existence-negated? EXISTENCE) tells noto from
;;; someo; (existence-goal EXISTENCE) is the conjunction of the goals inside, which open-goal opens.
(define-module (sheepdog query negation)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog kanren stream)
  #:use-module (sheepdog kanren term)
  #:use-module (sheepdog query late)
  #:use-module (sheepdog query outer)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-9 gnu)
  #:export (noto someo
            existence? existence-negated? existence-outer existence-goal existence-written
            existence-goal? existence-answers complain-unknown-existence))

(define-immutable-record-type <existence>
  (make-existence written negated? outer goal)
  existence?
  (written existence-written)      ; see written.scm
  (negated? existence-negated?)    ; #t: noto; #f: someo
  (outer existence-outer)          ; alist of names to terms: what is from around the form
  (goal existence-goal))           ; goal: those inside

(define-syntax-rule (define-existence name negated? doc)
  (define-syntax name
    (lambda (form)
      doc
      (syntax-case form ()
        ((_ goal goals (... ...))
         (with-syntax ((written (written-syntax form)))
           #'(existence->goal
              (make-existence 'written negated? (outer-terms () goal goals (... ...))
                              (fresh () goal goals (... ...))))))))))

(define-existence noto #t
  "(noto GOAL ...): there is no answer to the GOALs.  What they name of the variables around must be
known by the end of the conjunction; what may be anything is made by a fresh inside.")

(define-existence someo #f
  "(someo GOAL ...): there is an answer to the GOALs.  That is an answer once, whatever their number,
and the variables around must be known, as for noto.")

(define (existence->goal existence)
  (make-late-goal (cons existence (map cdr (existence-outer existence)))
                  existence-answers complain-unknown-existence))

(define (existence-goal? goal)
  "True where GOAL is one of noto or someo."
  (described-by? goal existence?))

(define (existence-answers goal state)
  "STATE where GOAL, of noto or someo, holds in it; #f where it does not; unknown where what it uses of
the variables around is not known."
  (match (goal-description goal)
    ((existence . _)
     (if (pair? (unknown-names (existence-outer existence) state))
         'unknown
         (let ((start (state-branch state)))
           (call-with-values
               (lambda () (stream-next (conjoin/inner start (existence-goal existence))))
             (lambda (answer rest)
               (cond ((not answer) (and (existence-negated? existence) state))
                     ((bound-outside? start answer) 'unknown)
                     (else (and (not (existence-negated? existence)) state))))))))))

(define (complain-unknown-existence goal state)
  "Raise the &question-error that GOAL, of noto or someo, uses a variable that is not known in STATE."
  (match (goal-description goal)
    ((existence . _)
     (complain-unknown-name (existence-written existence)
                            (if (existence-negated? existence) 'noto 'someo)
                            (unknown-names (existence-outer existence) state)))))
