;;; goal.scm -- the forms that make goals of goals
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; A goal is a procedure from a state to a stream.  The forms differ from their
;; textbook definitions in three ways that no program can see:
;;
;; - a constraint that is written out, as (== a b), is no goal at run time: the
;;   conjunction calls it directly, and builds no goal that comes after it
;;   before it holds;
;; - the clauses of a conde are one closure that takes a number, so that clauses
;;   that fail at once, the common case, cost no allocation;
;; - a conjunction looks whether one of its goals is described, see planning.scm, or
;;   is no goal at all.
;;
;; They expand to no loop and no letrec: Guile 3.0.8 fails to compile some closures
;; that refer to themselves where they are the value of a branch ("$rec continuation
;; has multiple predecessors").  Loops are in stream.scm.

(define-module (sheepdog kanren goal)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (sheepdog kanren constraint)
  #:use-module (sheepdog kanren mistake)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog kanren stream)
  #:use-module (sheepdog kanren term)
  #:export (;; Constraints
            == =/= symbolo numbero stringo absento succeed fail
            ;; Forms
            fresh conde conda condu onceo project defrel
            conjunction with-fresh
            set-projection-watch!))

;;; Constraints as goals.

(define (== u v)
  "Return the goal that the terms U and V are equal."
  (lambda (state) (unify state u v)))

(define (=/= u v)
  "Return the goal that the terms U and V are, and stay, different."
  (lambda (state) (unequal state u v)))

(define (symbolo term)
  "Return the goal that TERM is a symbol."
  (lambda (state) (typed state term +symbol+)))

(define (numbero term)
  "Return the goal that TERM is a number."
  (lambda (state) (typed state term +number+)))

(define (stringo term)
  "Return the goal that TERM is a string."
  (lambda (state) (typed state term +string+)))

(define (absento part term)
  "Return the goal that the term PART is nowhere in TERM."
  (lambda (state) (absent state part term)))

(define (succeed state)
  "The goal that always holds."
  state)

(define (fail state)
  "The goal that never holds."
  #f)

;;; Conjunction.

(eval-when (expand load eval)
  (define (check goal)
    (check-goal goal (list #'== #'=/= #'symbolo #'numbero #'stringo #'absento
                           #'succeed #'fail))))

(define-syntax conjunction
  (lambda (x)
    "(conjunction STATE GOAL ...): the stream of all GOALs in STATE."

    (define (simple state goal)
      ;; An expression for a state, or #f at run time, if GOAL is written out as
      ;; one that gives at most one answer and needs no search; else #f.
      (with-syntax ((state state))
        (syntax-case goal (== =/= symbolo numbero stringo absento
                              succeed fail else)
          ((== u v)      #'(unify state u v))
          ((=/= u v)     #'(unequal state u v))
          ((symbolo u)   #'(typed state u +symbol+))
          ((numbero u)   #'(typed state u +number+))
          ((stringo u)   #'(typed state u +string+))
          ((absento u v) #'(absent state u v))
          (succeed       #'state)
          (else          #'state)
          (fail          #'#f)
          (_ #f))))

    (define (simple? goal)
      (and (simple #'state goal) #t))

    (define (as-value goal)
      ;; GOAL for a planner, if it is simple.
      (syntax-case goal (else)
        ((make argument ...) #'(describe 'make make argument ...))
        (else #'succeed)
        (id #'id)))

    (define (form? goal)
      ;; Is GOAL written out as one of our forms, hence not described?
      (syntax-case goal (fresh conde conda condu project)
        ((fresh . _) #t)
        ((conde . _) #t)
        ((conda . _) #t)
        ((condu . _) #t)
        ((project . _) #t)
        (_ #f)))

    (define (split-simple goals)
      ;; The simple goals that GOALS begins with, and the rest.
      (let loop ((goals goals) (simples '()))
        (if (and (pair? goals) (simple? (car goals)))
            (loop (cdr goals) (cons (car goals) simples))
            (values (reverse simples) goals))))

    (define (chain state goals)
      ;; An expression for the stream of GOALS, all of them simple but perhaps
      ;; the last, which is a procedure.
      (with-syntax ((state state))
        (match goals
          (() #'state)
          ((goal)
           (or (simple #'state goal)
               (with-syntax ((goal goal)) #'(goal state))))
          ((goal rest ...)
           (with-syntax ((one (simple #'state goal))
                         (all (chain #'next rest)))
             #'(let ((next one)) (and next all)))))))

    (define (combine state goals)
      ;; GOALS does not begin with a simple goal, and has two or more.  VALUES
      ;; names what the goals that are not simple evaluate to.
      (let* ((values (map (lambda (goal)
                            (and (not (simple? goal))
                                 (car (generate-temporaries '(goal)))))
                          goals))
             (items  (map (lambda (goal value) (or value (as-value goal)))
                          goals values))
             (named  (map (lambda (goal value) (or value goal)) goals values)))
        (with-syntax ((state state)
                      (((name goal) ...)
                       (filter-map (lambda (goal value)
                                     (and value (list value goal)))
                                   goals values))
                      (((unknown doubtful) ...)
                       (filter-map (lambda (goal value)
                                     (and value (not (form? goal))
                                          (list value (written goal))))
                                   goals values))
                      ((item ...) items)
                      (stream (binds #`(#,(car named) #,state) (cdr named))))
          #'(let* ((name goal) ...)
              (cond
               ((not (and (procedure? unknown) ...))
                (refuse-goals (list unknown ...) '(doubtful ...)))
               ((or (struct? unknown) ... (run-opening (state-run state)))
                (conjoin/described state (list item ...)))
               (else stream))))))

    (define (binds stream goals)
      ;; Simple goals are done together with the next one that is not.
      (if (null? goals)
          stream
          (call-with-values (lambda () (split-simple goals))
            (lambda (simples rest)
              (with-syntax ((stream stream))
                (let ((goals (append simples (if (pair? rest)
                                                 (list (car rest))
                                                 '()))))
                  (binds (if (null? simples)
                             #`(bind/inline stream #,(car rest))
                             #`(bind/inline stream
                                            (lambda (state)
                                              #,(chain #'state goals))))
                         (if (pair? rest) (cdr rest) '()))))))))

    (syntax-case x ()
      ((_ _ goal ...)
       (for-each check #'(goal ...))))

    (syntax-case x ()
      ((_ state) #'state)
      ((_ state goal)
       (or (simple #'state #'goal)
           (syntax-case #'goal (fresh conde)
             ((fresh . spec) #'(fresh/in state . spec))
             ((conde . spec) #'(conde/in state . spec))
             (_ (with-syntax ((doubtful (written #'goal))
                              (call     (if (identifier? #'goal)
                                            #'call-named
                                            #'call-unnamed)))
                  #'(let ((value goal))
                      (cond
                       ((not (procedure? value))
                        (refuse-goals (list value) '(doubtful)))
                       ((or (struct? value) (run-opening (state-run state)))
                        (conjoin/described state (list value)))
                       (else (call value state 'doubtful)))))))))
      ((_ state goal rest ...)
       (let ((one (simple #'state #'goal)))
         (if one
             #`(let ((next #,one))
                 (and next (conjunction next rest ...)))
             (combine #'state #'(goal rest ...))))))))

(define-syntax-rule (call-unnamed goal state written)
  (goal state))

(define (call-named goal state written)
  "Return the stream of GOAL, which was WRITTEN as a name alone, in STATE."
  (let ((stream (goal state)))
    (if (and (procedure? stream) (not (struct? stream)) (not (thunk? stream)))
        (refuse-relation written)
        stream)))

(define-syntax-rule (bind/inline stream goal)
  (let ((value stream))
    (if (state? value)
        (goal value)
        (stream-bind value goal))))

;;; The forms.

(define-syntax with-fresh
  (lambda (x)
    "(with-fresh STATE (VARIABLE ...) EXPRESSION): EXPRESSION with new variables."
    (syntax-case x ()
      ((_ state () e) #'e)
      ((_ state (name ...) e)
       (let ((count (length #'(name ...))))
         (with-syntax (((offset ...) (iota count))
                       (count count))
           #'(let* ((run   (state-run state))
                    (first (run-next-index run)))
               (set-run-next-index! run (+ first count))
               (let ((name (make-var (+ first offset))) ...)
                 e))))))))

(define-syntax fresh/in
  (lambda (x)
    (syntax-case x ()
      ((_ state names goal ...)
       (begin
         (check-variables 'fresh #'names #'(fresh names goal ...))
         #'(lambda ()
             (with-fresh state names
               (conjunction state goal ...))))))))

(define-syntax-rule (fresh names goal ...)
  "(fresh (VARIABLE ...) GOAL ...): the goal that all GOALs hold for some value of
each VARIABLE."
  (lambda (state)
    (fresh/in state names goal ...)))

(define-syntax conde/in
  (lambda (x)
    (syntax-case x ()
      ((_ state) #'#f)
      ((_ state (goal ...))
       #'(let ((clause (lambda (n) (conjunction state goal ...))))
           (disjunction state clause 0 (lambda () (clause 0)))))
      ((_ state (goal ...) ... (last ...))
       (let ((count (length #'((goal ...) ...))))
         (with-syntax (((number ...) (iota count))
                       (count count))
           #'(let* ((branch (state-branch state))
                  (clause (lambda (n)
                            (case n
                              ((number) (conjunction branch goal ...))
                              ...
                              (else (conjunction branch last ...))))))
             (disjunction state clause count
                          (lambda () (stream-of-clauses clause 0 count))))))))))

(define-syntax-rule (conde (goal ...) ...)
  "(conde (GOAL ...) ...): the goal that all GOALs of some clause hold."
  (lambda (state)
    (conde/in state (goal ...) ...)))

(define-syntax conjunction/inner
  (lambda (x)
    "(conjunction/inner STATE GOAL ...): as conjunction, for the goals in a form that cannot be opened: what
nested forms among them combine is handed to the planner, as it is for a run."
    (define (nested? goal)
      (syntax-case goal (fresh)
        ((fresh . _) #t)
        (_ #f)))
    (syntax-case x ()
      ((_ state goal ...)
       (if (any nested? #'(goal ...))
           #'(conjoin/inner state (lambda (state) (conjunction state goal ...)))
           #'(conjunction state goal ...))))))

(define-syntax-rule (commit/in state stream-commit clause ...)
  (barrier state
    (let ((branch (state-branch state)))
      (lambda () (commit branch stream-commit clause ...)))))

(define-syntax commit
  (syntax-rules ()
    ((_ state stream-commit) #f)
    ((_ state stream-commit (test goal ...) clause ...)
     (stream-commit (conjunction/inner state test)
                    (lambda (state) (conjunction/inner state goal ...))
                    (lambda () (commit state stream-commit clause ...))))))

(define-syntax-rule (conda (test goal ...) ...)
  "(conda (TEST GOAL ...) ...): the goal that all GOALs hold for the answers of TEST,
in the first clause whose TEST has any."
  (lambda (state)
    (commit/in state stream-commit (test goal ...) ...)))

(define-syntax-rule (condu (test goal ...) ...)
  "(condu (TEST GOAL ...) ...): as conda, for the first answer of TEST only."
  (lambda (state)
    (commit/in state stream-commit/first (test goal ...) ...)))

(define (onceo goal)
  "Return the goal that holds for the first answer of GOAL only."
  (require-goal 'onceo goal)
  (lambda (state)
    (barrier state
      (let ((branch (state-branch state)))
        (lambda ()
          (stream-commit/first (conjoin/inner branch goal) (lambda (state) state) (lambda () #f)))))))

(define projection-watch #f)

(define (set-projection-watch! watch)
  "Let WATCH be called as (WATCH TERM VALUE STATE) for each term that project takes the value of."
  (set! projection-watch watch))

(define (projected term state)
  (let ((value (walk* term state)))
    (when projection-watch (projection-watch term value state))
    value))

(define-syntax-rule (project (name ...) goal ...)
  "(project (VARIABLE ...) GOAL ...): the goal that all GOALs hold, where each
VARIABLE is the value that it has by now."
  (lambda (state)
    (barrier state
      (let ((name (projected name state)) ...)
        (lambda () (conjunction/inner state goal ...))))))

(define-syntax defrel
  (lambda (x)
    "(defrel (NAME ARGUMENT ...) [DOCSTRING] GOAL ...): define the relation NAME."
    (syntax-case x ()
      ((_ (name . arguments) doc goal ...)
       (and (string? (syntax->datum #'doc)) (pair? #'(goal ...)))
       #'(define (name . arguments) doc (relation-body name goal ...)))
      ((_ (name . arguments) goal ...)
       #'(define (name . arguments) (relation-body name goal ...))))))

(define-syntax relation-body
  (lambda (x)
    (syntax-case x ()
      ((_ name (goal . arguments))
       (and (identifier? #'goal) (bound-identifier=? #'goal #'name))
       ;; Nothing else would put this off.
       #'(fresh () (goal . arguments)))
      ;; As everywhere, one goal is not put off: it does so itself where it
      ;; recurs.
      ((_ _ goal) (begin (check #'goal) #'goal))
      ((_ _ goal ...) #'(fresh () goal ...)))))
