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
  #:use-module (sheepdog query user-relation)
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

;; So many clauses are looked into for a barrier, those of choices in them among these: enough for a relation
;; that tries each element of a short list.  What has more is taken for a barrier.
(define most-clauses 40)

(define* (collect state goals #:optional (relations-around '()) (looked #f))
  "The <conjunction> of GOALS in STATE.  Where they are those of a clause, RELATIONS-AROUND is a list of the
user's relations in whose bodies it stands, and LOOKED, a list of a number, counts the clauses."
  (let loop ((state state)
             (goals (map (lambda (goal) (cons* goal 0 relations-around)) goals))
             (asked '()) (choices '()) (opaque '()))
    (define (done behind)
      (make-conjunction state (reverse asked) (reverse choices) (reverse opaque)
                        (map car behind)))
    (match goals
      (() (done '()))
      (((goal depth . relations) . rest)
       (cond
        ((not state) (done goals))
        ((eq? goal fails) (loop #f rest asked choices opaque))
        ((constraint-goal? goal)
         (loop (goal state) rest asked choices opaque))
        ((or (call-goal? goal) (late-goal? goal))
         (loop state rest (cons goal asked) choices opaque))
        ((or (> depth depth-limit)
             ;; Each call of a relation that recurs is like the first one.
             (and looked (memq (relation-called goal) relations)))
         (loop state rest asked choices (cons goal opaque)))
        (else
         (let ((relations (if (user-relation-goal? goal)
                              (cons (relation-called goal) relations)
                              relations)))
           (call-with-values (lambda () (open-goal state goal))
             (lambda (opened inner)
               (cond
                ((not opened) (done goals))
                ((eq? 'clauses opened)
                 (if (barrier-in? inner relations (or looked (list 0)))
                     (done goals)
                     (loop state rest asked (cons goal choices) opaque)))
                (else
                 (loop opened
                       (append (map (lambda (goal) (cons* goal (+ depth 1) relations)) inner) rest)
                       asked choices opaque))))))))))))

(define (relation-called goal)
  "The user's relation that GOAL is a call of, or #f."
  (and (user-relation-goal? goal) (car (goal-description goal))))

(define (barrier-in? clauses relations-around looked)
  (any (match-lambda
         ((state . goals)
          (set-car! looked (+ 1 (car looked)))
          (or (> (car looked) most-clauses)
              (let ((clause (collect state goals relations-around looked)))
                (and (conjunction-state clause) (pair? (conjunction-behind clause)))))))
       clauses))
