;;; planning.scm -- goals that say what they mean, for who plans a conjunction
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; A *described* goal is an applicable structure: a goal with data that says what
;; it means.  A conjunction that has one hands all its goals, from the first that
;; is no plain constraint on, to the procedure in current-planner, together with
;; the state; that returns the list of the goals to run instead.  Constraints in
;; that list are described too, as (== U V).  For all other conjunctions this
;; costs one test of a tag per goal.
;;
;; To look into a nested fresh or a relation, a planner *opens* the goal: it is
;; run with a state whose run says so.  A conjunction then returns its goals
;; instead of running them, and every other form says that it cannot be opened.

(define-module (sheepdog kanren planning)
  #:use-module (ice-9 control)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren stream)
  #:use-module (sheepdog kanren term)
  #:export (make-described-goal described-goal? goal-description
            current-planner set-default-planner! open-goal
            ;; For the forms
            conjoin/described describe barrier))

(define <described-goal>
  (make-struct/no-tail <applicable-struct-vtable> 'pwpw))

(define (make-described-goal description goal)
  "Return a goal that does as GOAL does, and that a planner can tell by
DESCRIPTION, any value."
  (make-struct/no-tail <described-goal> goal description))

(define (described-goal? x)
  "Return true if X is a goal with a description."
  (and (struct? x) (eq? (struct-vtable x) <described-goal>)))

(define (goal-description goal)
  "Return the description of the described GOAL."
  (struct-ref goal 1))

(define default-planner #f)

(define (set-default-planner! plan)
  "Let PLAN be called where no parameterize says otherwise, in every thread."
  (set! default-planner plan))

(define current-planner
  ;; Procedure (STATE GOALS) -> GOALS, or #f: run them as they are written.
  (make-parameter (lambda (state goals)
                    (if default-planner (default-planner state goals) goals))))

(define <opened>
  (make-struct/no-tail <applicable-struct-vtable> 'pwpwpw))

(define (conjoin/described state goals)
  "Return the stream of GOALS, one of which is described or all of which are being
opened, in STATE."
  (cond
   ((run-opening (state-run state))
    => (lambda (return)
         ;; For a stream this looks like a search put off.  If that is resumed,
         ;; something stands around the conjunction: it cannot be opened.
         (make-struct/no-tail <opened> (lambda () (return #f)) state goals)))
   ((current-planner)
    => (lambda (plan) (run-goals state (plan state goals))))
   (else (run-goals state goals))))

(define (run-goals state goals)
  "Return the stream of the conjunction of GOALS, a list, in STATE."
  (let loop ((stream state) (goals goals))
    (if (or (null? goals) (not stream))
        stream
        (loop (stream-bind stream (car goals)) (cdr goals)))))

(define-syntax-rule (barrier state e)
  "Return E, unless a goal is being opened with STATE: this is none that can be."
  (cond
   ((run-opening (state-run state)) => (lambda (return) (return #f)))
   (else e)))

(define (open-goal state goal)
  "Look into GOAL, if it is a fresh, or a relation, that only combines other goals.
Return a state and a list of goals that together mean what GOAL means in STATE: the
goals that come first and are simple have been done.  Return #f and #f if GOAL
cannot be opened."
  (let* ((run    (state-run state))
         (other  (make-run (run-next-index run) #f))
         (result (let/ec return
                   (set-run-opening! other return)
                   (let loop ((stream (goal (make-state (state-bindings state)
                                                        (run-next-index run)
                                                        other))))
                     (stream-case stream
                       (() '())
                       ((state) (list state))
                       ((state rest) #f)
                       ((thunk)
                        (if (struct? thunk)
                            (list (struct-ref thunk 1) (struct-ref thunk 2))
                            (loop (thunk)))))))))
    (define (same-run opened)
      (make-state (state-bindings opened) (state-scope opened) run))
    (set-run-next-index! run (run-next-index other))
    (match result
      (#f             (values #f #f))
      (()             (values state (list (const #f))))
      ((opened)       (values (same-run opened) '()))
      ((opened goals) (values (same-run opened) goals)))))

(define (describe name make . arguments)
  "Return the goal that MAKE makes of ARGUMENTS, described with NAME."
  (make-described-goal (cons name arguments) (apply make arguments)))
