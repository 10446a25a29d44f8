;;; kanren.scm -- miniKanren: relations, goals, and questions to them
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; The language is that of the textbooks: their programs run unchanged, give the
;; same answers in the same order, and show them in the same form, constraints as
;; in ((_.0 _.1) (=/= ((_.0 5))) (sym _.1)).  Relations may recur without a delay
;; written by hand: defrel, fresh and conde put the search off themselves.
;;
;; Terms are made of pairs and atoms; atoms are compared with equal?.
;;
;; What is where, each in (sheepdog kanren NAME):
;;   term        variables, bindings, the state of a search
;;   constraint  unification and the other constraints on a state
;;   stream      streams of states, and how searches take turns
;;   goal        the forms: fresh, conde, ...
;;   planning    goals that say what they mean, and who plans with that
;;   match       matche
;;   reify       answers
;;   mistake     what is said where something else stands in the place of a goal
;;   run         run and its family; goals from the rows of a cursor
;;   extend      the face of all this for those who add goals of another kind

(define-module (sheepdog kanren)
  #:use-module (sheepdog kanren goal)
  #:use-module (sheepdog kanren match)
  #:use-module (sheepdog kanren run)
  #:re-export (run run* run-for-each
               defrel fresh conde conda condu onceo project
               matche lambdae defmatche
               == =/= symbolo numbero stringo absento
               succeed fail))
