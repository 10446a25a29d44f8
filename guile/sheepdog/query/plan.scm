;;; plan.scm -- how a conjunction is answered: what the store is asked, and what is searched.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; All calls of relations, and the comparisons and negations about what these say, become one SELECT,
;;; wherever they stand.  What it cannot say is searched for each of its rows: choices, relations too
;;; deep to look into, and late goals.
;;;
;;; A choice with calls of relations in it is gone through clause by clause, each with all that stands
;;; around it: so each is one SELECT too.  A choice without, as a member of a list, is done first where
;;; it soon comes to an end.
(define-module (sheepdog query plan)
  #:use-module (ice-9 match)
  #:use-module ((sheepdog kanren) #:select (fresh ==))
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query plan conjunction)
  #:use-module (sheepdog query plan item)
  #:use-module (sheepdog query ordering)
  #:use-module (sheepdog query outer)
  #:use-module (sheepdog query plan statement)
  #:use-module (sheepdog query waiting)
  #:use-module (srfi srfi-1)
  #:export (plan-conjunction ask-for-late-goal current-search-observer current-trail))

(define (plan-conjunction state goals asked)
  "Plan for current-planner."
  (match goals
    ((and ((? ordered-goal? goal)) (? (lambda _ (not (current-trail)))))
     (list (lambda (state)
             (match (ordered-answers state goal asked)
               ('unknown (goal state))
               (stream stream)))))
    (_ (plan-goals state goals asked))))

(define (plan-goals state goals asked)
  ;; A branch of its own, so that nothing has happened if the goals are run as they are after all.
  (let* ((start (state-branch state))
         (conjunction (collect start goals)))
    (cond
     ((not (conjunction-state conjunction)) (list (const #f)))
     ((about-store? conjunction)
      (list (lambda (_)
              (answers conjunction (interest asked start) (conjunction-choices conjunction)))))
     ((pair? (conjunction-asked conjunction))
      (list (lambda (_) (waiting-answers conjunction))))
     (else (plan-waiting state goals asked)))))

(define (interest asked start)
  "A procedure that returns two values for a state: whether a variable is of interest in it, a procedure:
one in the term ASKED; or where that is #f, one that was there before START, a branch, or stands in what
such a one has become since; and a list of those of interest of which more may be known."
  (lambda (state)
    (if asked
        (let ((variables (unknown-variables asked state)))
          (values (lambda (variable) (memq variable variables)) variables))
        (let* ((changed (newly-bound state start))
               (shown (unknown-variables changed state)))
          (values (lambda (variable)
                    (or (older? variable (age start)) (memq variable shown)))
                  shown)))))

(define (about-store? conjunction)
  "True where CONJUNCTION, or a clause of a choice in it, asks the store."
  (or (asks-store? conjunction)
      (any (lambda (choice) (choice-about-store? (conjunction-state conjunction) choice))
           (conjunction-choices conjunction))))

(define (choice-about-store? state choice)
  (call-with-values (lambda () (open-goal state choice))
    (lambda (_ clauses)
      (any (match-lambda
             ((state . goals) (asks-store? (collect state goals))))
           clauses))))

(define (asks-store? conjunction)
  (let ((state (conjunction-state conjunction)))
    (and state
         (any (lambda (goal) (goal-asks-store? goal state)) (conjunction-asked conjunction)))))

;;; Order and limit.

(define (ordered-goal? goal)
  (or (ordering-goal? goal) (limit-goal? goal)))

(define (ordered-answers state goal asked)
  "The stream of GOAL, one of ordero or limito, in STATE; unknown where the store cannot tell it."
  (match (goal-description goal)
    (((? limit? limit) count)
     (let ((count (walk count state)))
       (if (and (exact-integer? count) (< 0 count (expt 2 62)))
           (let* ((start (state-branch state))
                  (inner (collect start (list (limit-goal limit)))))
             (match (and (conjunction-state inner) (conjunction-behind inner))
               (((? ordering-goal? goal))
                (if (and (null? (conjunction-asked inner)) (plain? inner))
                    (ordered-answers-of (goal-description goal) (conjunction-state inner) asked count)
                    'unknown))
               (() (if (plain? inner) (part-of inner (interest asked start) '() '() count) 'unknown))
               (_ 'unknown)))
           'unknown)))
    (description (ordered-answers-of description state asked #f))))

(define (ordered-answers-of description state asked count)
  (match description
    ((ordering . terms)
     (let* ((start (state-branch state))
            (inner (collect start (list (ordering-goal ordering)))))
       (if (and (conjunction-state inner) (plain? inner) (null? (conjunction-behind inner)))
           (part-of inner (interest asked start) (ordering-directions ordering) terms count)
           'unknown)))))

(define (plain? conjunction)
  (and (null? (conjunction-choices conjunction)) (null? (conjunction-opaque conjunction))))

(define (part-of conjunction interesting directions terms count)
  (ordered-part (conjunction-state conjunction) (conjunction-asked conjunction)
                interesting directions terms count))

;;; Choices.

;; So many choices of one conjunction are gone through before it is asked, and in so many ways together
;; where these ask nothing of the store themselves.
(define most-choices 4)
(define most-ways 64)

(define* (answers conjunction interesting choices #:optional (ways-before 1))
  "The stream of the answers to CONJUNCTION, for variables that are INTERESTING, see interest.  CHOICES are
those of its choices that may be gone through first; there are WAYS-BEFORE such streams already."
  (match (if (conjunction-state conjunction) choices '())
    (() (and (conjunction-state conjunction) (plain-answers conjunction interesting)))
    ((choice . others)
     (let* ((state (conjunction-state conjunction))
            (others (take others (min (length others) (- most-choices 1))))
            (asked (conjunction-asked conjunction))
            ;; What cannot be told before is searched for in the order in which it stands.
            (before (take-while (lambda (other) (not (eq? other choice)))
                                (conjunction-choices conjunction)))
            (behind (append (cdr (memq choice (conjunction-choices conjunction)))
                            (conjunction-opaque conjunction)
                            (conjunction-behind conjunction)))
            (ways (ways-of choice state (and (asks-store? conjunction)
                                          (quotient most-ways ways-before)))))
       (if ways
           (one-by-one ways
                       (match-lambda
                         ((state . goals)
                          (answers (collect state (append asked before goals behind))
                                   interesting others (* ways-before (length ways))))))
           (answers conjunction interesting others ways-before))))))

(define (ways-of choice state most)
  "What CHOICE is the disjunction of, as pairs of states and goals; #f where it is better left for later.
MOST is how many of these there may be where it asks nothing of the store, #f: none."
  (if (choice-about-store? state choice)
      (call-with-values (lambda () (open-goal state choice))
        (lambda (_ clauses) clauses))
      (and most
           (and=> (small-answers choice state (min most small-count))
                  (lambda (states) (map list states))))))

(define (one-by-one ways answers)
  "The stream of (ANSWERS WAY) for each of WAYS, in turns."
  (match ways
    (() #f)
    ((way) (lambda () (answers way)))
    (_
     (let ((ways (list->vector ways)))
       (lambda ()
         (stream-of-clauses (lambda (n) (answers (vector-ref ways n)))
                            0 (- (vector-length ways) 1)))))))

;; A search is small that ends within so many steps, and with so many answers.
(define small-steps 256)
(define small-count 32)

(define (small-answers choice start most)
  "The states that CHOICE ends in from START on, a list of MOST at most, where the search is small and needs
nothing but equality and its like; else #f.  Late goals, and committed choices, must wait for the rows."
  (let loop ((ways (list (list (state-branch start) choice))) (steps small-steps) (found '()))
    (match ways
      (() (and (<= (length found) most) (reverse found)))
      (((state . goals) . ways)
       (let* ((way (collect state goals))
              (state (conjunction-state way)))
         (cond
          ((zero? steps) #f)
          ((not state) (loop ways (- steps 1) found))
          ((or (pair? (conjunction-asked way)) (pair? (conjunction-opaque way))
               (pair? (conjunction-behind way)))
           #f)
          (else
           (match (conjunction-choices way)
             (() (loop ways (- steps 1) (cons state found)))
             ((choice . others)
              (call-with-values (lambda () (open-goal state choice))
                (lambda (_ clauses)
                  (loop (append (map (match-lambda
                                       ((state . goals) (cons state (append goals others))))
                                     clauses)
                                ways)
                        (- steps 1) found))))))))))))

;;; One SELECT, and a search for each of its rows.

(define current-search-observer
  ;; #f, or a procedure that is told of what is searched: described goals, how many choices, how many
  ;; relations too deep to look into, and how many goals that stand from a barrier on.
  (make-parameter #f))

(define (plain-answers conjunction interesting)
  (define state (conjunction-state conjunction))
  (define choices (conjunction-choices conjunction))
  (define opaque (conjunction-opaque conjunction))
  (define behind (conjunction-behind conjunction))
  (define described (conjunction-asked conjunction))
  (define searched? (or (pair? choices) (pair? opaque) (pair? behind)))
  (note-types! (append described choices) state)
  (call-with-values
      (lambda ()
        (store-part state described (and (not searched?) (not (current-trail)) interesting)
                    (not searched?)))
    (lambda (stream left)
      (let ((observe (current-search-observer)))
        (when observe
          (observe left (length choices) (length opaque) (length behind))))
      (let ((stream (if (current-trail)
                        (stream-bind stream (trail-goal ((current-trail)) described))
                        stream)))
        (if (or searched? (pair? left))
            (stream-bind stream (search-goal conjunction left))
            stream)))))

(define (waiting-answers conjunction)
  "The stream of the answers to CONJUNCTION, which asks nothing of the store itself."
  (define state (conjunction-state conjunction))
  (define described (conjunction-asked conjunction))
  (note-types! (append described (conjunction-choices conjunction)) state)
  ((search-goal conjunction described) state))

(define (search-goal conjunction left)
  "The goal that the rest of CONJUNCTION holds: LEFT of its goals that are described, and all that are
searched."
  (define-values (quick slow) (partition quick? left))
  ;; Those of the goals that are left that can be told come first: choices may be about what they say.
  (define goals
    (append slow
            (map (lambda (choice) (planned-choice (conjunction-state conjunction) choice))
                 (conjunction-choices conjunction))
            (conjunction-opaque conjunction)
            (match (conjunction-behind conjunction)
              (() '())
              (behind (list (goal-behind behind))))))
  (lambda (state)
    (in-turn state goals quick #t)))

;; Nested forms in a clause are seen through only from here: the search goes by what is written.
(define (planned-choice state choice)
  "The goal that CHOICE is, each of its clauses planned where there is a late goal in one of them in STATE."
  (define (clauses-in state)
    (call-with-values (lambda () (open-goal state choice)) (lambda (_ clauses) clauses)))
  (if (any (match-lambda
             ((state . goals) (pair? (conjunction-asked (collect state goals)))))
           (clauses-in state))
      (lambda (state)
        (one-by-one (clauses-in state)
                    (match-lambda ((state . goals) (conjoin state goals)))))
      choice))

(define current-trail
  ;; #f, or a procedure that returns a variable: it becomes the list of the goals that hold, as pairs of a
  ;; goal and its terms; the end of the list is left open.
  (make-parameter #f))

(define (trail-goal trail goals)
  "The goal that GOALS, described ones, are the next ones in TRAIL."
  (define entries (map (lambda (goal) (cons goal (cdr (goal-description goal)))) goals))
  (lambda (state)
    (let to-end ((rest (walk trail state)))
      (if (var? rest)
          ((fresh (more) (== rest (append entries more))) state)
          (to-end (walk (cdr rest) state))))))

(define (goal-behind goals)
  "The goal that GOALS hold, the first of which is a barrier."
  (match goals
    ((barrier) barrier)
    ((barrier . rest)
     (lambda (state)
       (stream-bind (barrier state) (lambda (state) (conjoin state rest)))))))

(define (ask-for-late-goal goal state)
  "The stream of GOAL, a late one, in STATE, where what it waited for is known by now and the store can tell
all of it; else unknown."
  (if (goal-asks-store? goal state)
      (call-with-values (lambda () (store-part state (list goal) #f #t))
        (lambda (stream left) (if (null? left) stream 'unknown)))
      'unknown))
