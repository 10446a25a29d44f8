;;; extend.scm -- what a module needs that adds goals of another kind
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; A goal is a procedure from a state to a stream.  What is here lets a module
;; write goals that get their answers elsewhere, say from a database:
;;
;; - (walk TERM STATE) and (walk* TERM STATE) say what a term stands for by now;
;;   var? tells what is still free.  (unify STATE TERM TERM) returns a state or
;;   #f, and a goal that has one answer at most may return just that.
;; - (goal-from-rows OPEN TERMS) is the goal that TERMS equal a row of a cursor,
;;   which is read as answers are asked for.
;; - (at-end-of-run STATE THUNK) lets something end with the run, however it is
;;   left.  A cursor of goal-from-rows needs no such care.
;; - (once-a-run KEY THUNK) is the same for all of a run, and those inside it: what THUNK
;;   returned first.
;; - (make-described-goal DESCRIPTION GOAL) is GOAL with data beside it.  The
;;   procedure in current-planner, if there is one, is called as
;;   (PLAN STATE GOALS ASKED) with each conjunction that has a described goal, and
;;   returns the list of goals to run instead.  ASKED is the term that is asked for, in
;;   the outermost conjunction of a run; else #f.  (open-goal STATE GOAL) lets it
;;   look into nested forms; see planning.scm.  A module that brings a planner for
;;   all calls set-default-planner!.
;; - (conjoin STATE GOALS) is the stream of a conjunction, planned as one that is
;;   written out.
;; - (stream-bind STREAM GOAL) are the answers of GOAL for each answer of STREAM.
;; - (state-branch STATE) is as STATE, for a search of its own, as of a negation: nothing in
;;   STATE changes.  With START, such a branch, and a state that has come from it:
;;   (older? VARIABLE (age START)) tells whether a variable was there before; (newly-bound
;;   STATE START) lists those of these of which it knows more, (same-bindings? STATE
;;   START) that there are none, (narrowed? VARIABLE STATE START) whether one is more than
;;   unequal to something.  (constrained? VARIABLE STATE) tells whether a
;;   variable that is free may not be just anything, (unequal-terms VARIABLE STATE)
;;   what it must differ from.
;; - (state-run STATE) is eq? for all states of one run, and for no others.
;;
;; A planner that continues with a state from open-goal begins its list with
;; (lambda (_) STATE).

(define-module (sheepdog kanren extend)
  #:use-module (sheepdog kanren constraint)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog kanren rows)
  #:use-module (sheepdog kanren run)
  #:use-module (sheepdog kanren stream)
  #:use-module (sheepdog kanren term)
  #:re-export (walk walk* var?
               unify
               goal-from-rows at-end-of-run once-a-run
               make-described-goal described-goal? goal-description described-by?
               current-planner set-default-planner! open-goal fails conjoin
               stream-bind stream-case stream-of-clauses
               state-run state-branch same-bindings? newly-bound narrowed? constrained?
               unequal-terms age older?))
