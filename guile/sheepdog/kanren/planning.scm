;;; planning.scm -- goals that say what they mean, for who plans a conjunction
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; A *described* goal is an applicable structure: a goal with data that says what
;; it means.  A conjunction that has one hands all its goals, from the first that
;; is no plain constraint on, to the procedure in current-planner, together with
;; the state; that returns the list of the goals to run instead.  Constraints in
;; that list are described too, as (== U V).  For all other conjunctions this
;; costs one test of a tag per goal.
;;
;; To look into a nested fresh or conde or a relation, a planner *opens* the goal: it
;; is run with a state whose run says so.  A conjunction then returns its goals
;; instead of running them, a conde its clauses, and every other form says that it
;; cannot be opened.
;;
;; The outermost conjunction of a run is handed to the planner also where none of its
;; goals is described, for there may be such goals in them: by the procedure that
;; set-default-planner! was given for it.  So is one in a form that cannot be opened, as
;; project, where it has nested forms.

(define-module (sheepdog kanren planning)
  #:use-module (ice-9 control)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (sheepdog kanren constraint)
  #:use-module (sheepdog kanren stream)
  #:use-module (sheepdog kanren term)
  #:export (make-described-goal described-goal? goal-description described-by?
            current-planner set-default-planner! open-goal fails conjoin
            same-bindings? newly-bound narrowed? constrained? unequal-terms age older?
            ;; For the forms
            conjoin/described conjoin/inner describe barrier disjunction let-planner-see-run!))

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

(define (described-by? goal is?)
  "Return true if GOAL is a described one whose description begins with what IS? holds for."
  (and (described-goal? goal)
       (let ((description (goal-description goal)))
         (and (pair? description) (is? (car description))))))

(define default-planner #f)

(define (set-default-planner! plan)
  "Let PLAN be called where no parameterize says otherwise, in every thread."
  (set! default-planner plan))

(define current-planner
  ;; Procedure (STATE GOALS ASKED) -> GOALS, or #f: run them as they are written.  ASKED is
  ;; the term that is asked for, in the outermost conjunction of a run; else #f.
  (make-parameter (lambda (state goals asked)
                    (if default-planner (default-planner state goals asked) goals))))

(define (let-planner-see-run! run term)
  "Let the planner see the outermost conjunction of RUN, which asks for TERM."
  (when default-planner
    (set-run-opening! run term)))

;; What is opened: a conjunction, of a state and GOALS, or a disjunction, of the list of what its clauses
;; are in turn.
(define <opened>
  (make-struct/no-tail <applicable-struct-vtable> 'pwpwpw))

(define <opened-clauses>
  (make-struct/no-tail <applicable-struct-vtable> 'pwpw))

(define (conjoin/described state goals)
  "Return the stream of GOALS, one of which is described or all of which are being
opened, or which are the outermost of a run, in STATE."
  (match (run-opening (state-run state))
    ((? procedure? return)
     ;; For a stream this looks like a search put off.  If that is resumed,
     ;; something stands around the conjunction: it cannot be opened.
     (make-struct/no-tail <opened> (lambda () (return #f)) state goals))
    (asked
     (when asked
       (set-run-opening! (state-run state) #f))
     (let ((plan (current-planner)))
       (run-goals state (if plan (plan state goals asked) goals))))))

(define (run-goals state goals)
  "Return the stream of the conjunction of GOALS, a list, in STATE."
  (let loop ((stream state) (goals goals))
    (if (or (null? goals) (not stream))
        stream
        (loop (stream-bind stream (car goals)) (cdr goals)))))

(define (conjoin state goals)
  "Return the stream of the conjunction of GOALS, a list, in STATE."
  (conjoin/described state goals))

(define (conjoin/inner state goal)
  "Return the stream of GOAL in STATE, where it is what a form that cannot be opened has in it:
planned, as the outermost conjunction of a run is."
  (if default-planner
      (conjoin/described state (list goal))
      (goal state)))

(define-syntax-rule (barrier state e)
  "Return E, unless a goal is being opened with STATE: this is none that can be."
  (let ((opening (run-opening (state-run state))))
    (if (procedure? opening) (opening #f) e)))

(define-syntax-rule (disjunction state clause count e)
  "Return E, the stream of the clauses (CLAUSE 0) to (CLAUSE COUNT), unless STATE says that they are
being opened."
  (let ((opening (run-opening (state-run state))))
    (if (procedure? opening)
        (open-clauses opening clause count)
        e)))

(define (open-clauses return clause count)
  (make-struct/no-tail <opened-clauses> (lambda () (return #f))
                       (map clause (iota (+ count 1)))))

(define (fails state)
  "The goal that a goal is which has been opened and cannot hold."
  #f)

(define (open-goal state goal)
  "Look into GOAL, if it is a fresh, a conde, or a relation, that only combines other goals.
Return two values that together mean what GOAL means in STATE: a state and a list of goals, of which
those that come first and are simple have been done, fails alone where it cannot hold; or the symbol
clauses and a list of pairs of a state and such goals, one for each clause that may hold.  Return #f and #f
if GOAL cannot be opened."
  (let* ((run   (state-run state))
         (other (make-run (run-next-index run) #f)))
    (define (same-run opened)
      (make-state (state-bindings opened) (state-scope opened) run))
    (define (settle stream)
      ;; A state, a conjunction, clauses; or #f where there is no answer.
      (stream-case stream
        (() #f)
        ((state) state)
        ((state rest) ((run-opening other) #f))
        ((thunk)
         (if (struct? thunk) thunk (settle (thunk))))))
    (define (opened->pairs opened)
      ;; The pairs of states and goals that OPENED is the disjunction of.
      (cond ((not opened) '())
            ((state? opened) (list (list (same-run opened))))
            ((eq? <opened> (struct-vtable opened))
             (list (cons (same-run (struct-ref opened 1)) (struct-ref opened 2))))
            (else (append-map (lambda (clause) (opened->pairs (settle clause)))
                              (struct-ref opened 1)))))
    (define result
      (let/ec return
        (set-run-opening! other return)
        (let ((opened (settle (goal (make-state (state-bindings state)
                                                (state-scope state)
                                                other)))))
          (list (and (struct? opened) (eq? <opened-clauses> (struct-vtable opened)))
                (opened->pairs opened)))))
    (set-run-next-index! run (run-next-index other))
    (match result
      (#f                    (values #f #f))
      ((#t pairs)            (values 'clauses pairs))
      ((#f ())               (values state (list fails)))
      ((#f ((state . goals))) (values state goals)))))

(define (describe name make . arguments)
  "Return the goal that MAKE makes of ARGUMENTS, described with NAME."
  (make-described-goal (cons name arguments) (apply make arguments)))

;;; What a planner must know of states.

(define (age state)
  "Return what older? tells the variables by that were there before STATE, a branch of
its own."
  (state-scope state))

(define (older? variable age)
  "Return true if VARIABLE was there at AGE."
  (< (var-index variable) age))

(define (same-bindings? state other)
  "Return true if STATE and OTHER, of which one is a branch of the other, know the same
of the variables that are older than the branch."
  (eq? (state-bindings state) (state-bindings other)))

(define (newly-bound state start)
  "Return the list of the variables that are older than START, a branch of its own, and
that STATE, which has come from it, knows more of."
  (trie-fold-new (lambda (variable found)
                   (if (older? variable (age start)) (cons variable found) found))
                 '() (state-bindings state) (state-bindings start)))

(define (narrowed? variable state start)
  "Return true if STATE says more of VARIABLE than START, which it has come from, other than
what it must differ from: a disequality that began with another variable, now bound, may
have come to wait for this one."
  (define (demands state)
    (let ((attr (attr-of state variable)))
      (if (none? attr) '(#f ()) (list (attr-type attr) (attr-absent attr)))))
  (let ((value (walk variable state)))
    (not (and (eq? value (walk variable start))
              (or (not (eq? value variable))
                  (equal? (demands start) (demands state)))))))

(define (constrained? variable state)
  "Return true if VARIABLE, which is free in STATE, may not be just anything there."
  (not (none? (attr-of state variable))))

(define (unequal-terms variable state)
  "Return the list of the terms that VARIABLE, which is free in STATE, must differ from,
if these are atoms and variables, and that is all that is known of it; else #f."
  (let ((attr (attr-of state variable)))
    (cond
     ((none? attr) '())
     ((or (attr-type attr) (pair? (attr-absent attr))) #f)
     (else
      (let loop ((disequalities (attr-unequal attr)) (terms '()))
        (match disequalities
          (() terms)
          ((((other . term)) . rest)
           (let ((other (walk other state)) (term (walk term state)))
             (cond ((pair? term) #f)
                   ((eq? other variable) (loop rest (cons term terms)))
                   ((eq? term variable) (loop rest (cons other terms)))
                   (else #f))))
          (_ #f)))))))
