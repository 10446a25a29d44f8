;;; conjunction.scm -- what a conjunction consists of, seen through what only combines other goals.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A nested fresh, or a relation of the user's that is one, is opened, so that its goals stand beside
;;; those around it.  A choice (conde) is kept whole, as a planner may put it off or go its ways.
;;; Committed choice, project, and whatever else cannot be looked into, is a barrier, and so is a choice
;;; with one in it: what stands behind it is not for now.
(define-module (sheepdog query plan conjunction)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query waiting)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (collect
            conjunction-state conjunction-asked conjunction-choices conjunction-opaque
            conjunction-behind
            call-goal?))

(define-record-type <conjunction>
  (make-conjunction state asked choices opaque behind)
  conjunction?
  (state conjunction-state)      ; in which the simple constraints hold; #f: they cannot
  (asked conjunction-asked)      ; described goals: calls of relations, and late ones
  (choices conjunction-choices)  ; goals that open-goal finds clauses in
  (opaque conjunction-opaque)    ; goals that only combine others, too deep to look into
  (behind conjunction-behind))   ; goals from the first barrier on, in their order

;; How deep goals in goals are opened.  A relation that calls itself without a choice has no end.
(define depth-limit 24)

(define (call-goal? goal)
  "True where GOAL is a call of a relation over the store."
  (described-by? goal relation?))

(define (constraint-goal? goal)
  (described-by? goal symbol?))

;; How deep choices in choices are looked into: those of a relation that recurs are alike.
(define choices-limit 3)

(define* (collect state goals #:optional (choices-around 0))
  "The <conjunction> of GOALS in STATE, which stand in so many choices, CHOICES-AROUND."
  (let loop ((state state)
             (goals (map (lambda (goal) (cons goal 0)) goals))
             (asked '()) (choices '()) (opaque '()))
    (define (done behind)
      (make-conjunction state (reverse asked) (reverse choices) (reverse opaque)
                        (map car behind)))
    (match goals
      (() (done '()))
      (((goal . depth) . rest)
       (cond
        ((not state) (done goals))
        ((eq? goal fails) (loop #f rest asked choices opaque))
        ((constraint-goal? goal)
         (loop (goal state) rest asked choices opaque))
        ((or (call-goal? goal) (late-goal? goal))
         (loop state rest (cons goal asked) choices opaque))
        ((> depth depth-limit)
         (loop state rest asked choices (cons goal opaque)))
        (else
         (call-with-values (lambda () (open-goal state goal))
           (lambda (opened inner)
             (cond
              ((not opened) (done goals))
              ((eq? 'clauses opened)
               (if (barrier-in? inner choices-around)
                   (done goals)
                   (loop state rest asked (cons goal choices) opaque)))
              (else
               (loop opened
                     (append (map (lambda (goal) (cons goal (+ depth 1))) inner) rest)
                     asked choices opaque)))))))))))

(define (barrier-in? clauses choices-around)
  (and (< choices-around choices-limit)
       (any (match-lambda
              ((state . goals)
               (let ((clause (collect state goals (+ 1 choices-around))))
                 (and (conjunction-state clause) (pair? (conjunction-behind clause))))))
            clauses)))
