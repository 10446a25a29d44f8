;;; waiting.scm -- goals of a conjunction that wait until they can be told: late goals.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Some goals find nothing themselves, but say something of what others have found.  These are late:
;;;
;;; - quick ones, which are made as soon as their arguments are known, wherever they stand:
;;;   comparisons; computations, which say what their result is;
;;; - slow ones, which search: noto and someo; aggregates.
;;;
;;; A slow one that stands behind what it waits for is made there; else at the end of the conjunction.
;;; It is an error if one still waits then.
;;;
;;; A planner that has taken some of the goals of a conjunction for itself gives the others to in-turn.
(define-module (sheepdog query waiting)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query aggregate)
  #:use-module (sheepdog query any-typed)
  #:use-module (sheepdog query negation)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query ordering)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query user-relation)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (let-late-goals-ask-store! plan-waiting late-goal? quick? note-types! in-turn))

(define (quick? goal)
  "True where GOAL is a late one that is made as soon as its arguments are known."
  (described-by? goal operation?))

(define (slow? goal)
  (or (existence-goal? goal) (group-goal? goal)))

(define (late-goal? goal)
  "True where GOAL is one that waits for others of its conjunction."
  (or (quick? goal) (slow? goal)))

(define (late-answers goal state)
  "The stream of GOAL, a late one, in STATE; or unknown where it must wait."
  (cond ((quick? goal) (operation-answers goal state))
        ((existence-goal? goal) (existence-answers goal state))
        (else
         (match (ask-store goal state)
           ('unknown (group-answers goal state))
           (answers answers)))))

(define ask-store (const 'unknown))

(define (let-late-goals-ask-store! ask)
  "Let (ASK GOAL STATE) be the stream of GOAL, an aggregate, in STATE; or unknown where the store cannot
tell it."
  (set! ask-store ask))

(define (complain-waiting late state)
  "Raise the &question-error that the goals in LATE cannot be told in STATE: about one that others may
be waiting for, if there is one."
  (define (complain-first kind? complain)
    (let ((goal (find kind? late)))
      (when goal (complain goal state))))
  (complain-first group-goal? complain-unknown-group)
  (complain-first computation-goal? complain-unknown-argument)
  (complain-first existence-goal? complain-unknown-existence)
  (complain-first comparison-goal? complain-unknown-argument))

(define (plan-waiting state goals asked)
  "Plan for current-planner: GOALS in their order, but for the late ones among them."
  (note-types! goals state)
  (if (any late-goal? goals)
      (let-values (((early others) (early-goals goals)))
        (list (lambda (state) (in-turn state others early))))
      goals))

;; How deep choices and the like are looked into for what they say of types.
(define depth-inside 2)

(define (note-types! goals state)
  "Note which variables may be a number or a string, as GOALS, a conjunction, say in STATE."
  (define (note! terms)
    (for-each (lambda (term) (note-any-typed! term state)) terms))
  (define-values (described others)
    (partition (lambda (goal) (and (described-goal? goal) (not (user-relation-goal? goal)))) goals))
  (for-each (lambda (goal)
              (note! (if (group-goal? goal) (any-typed-results goal state) (any-typed-terms goal))))
            described)
  (when (any late-goal? described)
    (note! (any-typed-in state others depth-inside)))
  (note-equal-types! described state))

(define (note-equal-types! goals state)
  "Note that what GOALS say is equal to what may be a number or a string may be so, too."
  (define (note-other! goal)
    (match (goal-description goal)
      (('== a b)
       (match (list (any-typed? a state) (any-typed? b state))
         ((#t #f) (note-any-typed! b state) (var? b))
         ((#f #t) (note-any-typed! a state) (var? a))
         (_ #f)))
      (_ #f)))
  (when (any note-other! goals)
    (note-equal-types! goals state)))

(define (early-goals goals)
  "Return two values: those of GOALS that are made as soon as they can be told; and the others."
  (let loop ((goals goals) (early '()) (others '()) (committed? #f))
    (match goals
      (() (values (reverse early) (reverse others)))
      ((goal . goals)
       (if (or (comparison-goal? goal)
               ;; One behind a committed choice must not tell it what it has not asked for.
               (and (computation-goal? goal) (not committed?)))
           (loop goals (cons goal early) others committed?)
           (loop goals early (cons goal others)
                 (or committed? (may-commit? goal))))))))

(define (may-commit? goal)
  "True where GOAL, no late one, may hold a choice that depends on what is known when it is made."
  (or (not (described-goal? goal))
      (ordering-goal? goal)
      (limit-goal? goal)
      (user-relation-goal? goal)))

(define* (in-turn state goals late #:optional soon?)
  "The stream of the conjunction of GOALS, in their order, and of the goals in LATE, all of them late,
in STATE: of these the quick ones are made as soon as they can be told, the slow ones behind all GOALS,
or where SOON? is true before the first of them that stands behind what it waits for.  A late goal among
GOALS is made at its turn, or is one of LATE from then on."
  (let-values (((state late) (settle state late)))
    (cond
     ((not state) #f)
     ((and soon? (pair? goals) (not (late-goal? (car goals))) (slow-answers late state))
      => (match-lambda
           ((goal . answers) (bind-in-turn answers goals (delq goal late) soon?))))
     ((and (pair? goals) (barrier-goal? (car goals) state late)) #f)
     ((pair? goals)
      (let* ((goal (car goals))
             (answers (cond ((quick? goal) 'unknown)
                            ((slow? goal) (late-answers goal state))
                            (else (goal state)))))
        (if (eq? answers 'unknown)
            (in-turn state (cdr goals) (append late (list goal)) soon?)
            (bind-in-turn answers (cdr goals) late soon?))))
     ((null? late) state)
     (else (at-the-end state late)))))

(define (barrier-goal? goal state late)
  "True where GOAL may look at values in STATE, while one of LATE holds for any: what GOAL is to see must be
told before it."
  (and (not (described-goal? goal))
       (any-undetermined? late state)
       (call-with-values (lambda () (open-goal state goal)) (lambda (opened _) (not opened)))))

(define (any-undetermined? late state)
  (any (lambda (goal) (and (quick? goal) (undetermined? goal state))) late))

(define (slow-answers late state)
  "A pair of the first slow goal in LATE that can be told in STATE and of its stream; #f: there is none."
  (any (lambda (goal)
         (and (slow? goal)
              (match (late-answers goal state)
                ('unknown #f)
                (answers (cons goal answers)))))
       late))

(define* (bind-in-turn answers goals late #:optional soon?)
  (if (and (null? goals) (null? late))
      ;; Where a relation recurs, each layer would be passed by each answer else.
      answers
      (stream-bind answers (lambda (state) (in-turn state goals late soon?)))))

(define (settle state late)
  "Return two values: STATE with those of the quick goals in LATE that can be told, #f where one does
not hold; and the others of LATE."
  (let loop ((rest late) (waiting '()) (state state) (told? #f))
    (match rest
      (()
       (let ((waiting (reverse waiting)))
         ;; What one has told may be what another one waits for.
         (if (and told? (any quick? waiting))
             (settle state waiting)
             (values state waiting))))
      ((goal . rest)
       (match (if (quick? goal) (late-answers goal state) 'unknown)
         ('unknown (loop rest (cons goal waiting) state told?))
         (#f (values #f '()))
         (state (loop rest waiting state (or told? (computation-goal? goal)))))))))

(define (at-the-end state late)
  "The stream of the goals in LATE in STATE, behind which there is no other goal."
  (let loop ((rest late))
    (match rest
      (()
       ;; What nobody else says of a number that may be any has no answer; nor has what waits for that.
       (and (not (any-undetermined? late state))
            (complain-waiting late state)))
      ((goal . rest)
       (match (if (slow? goal) (late-answers goal state) 'unknown)
         ('unknown (loop rest))
         (answers (bind-in-turn answers '() (delq goal late))))))))
