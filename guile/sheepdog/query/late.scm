;;; late.scm -- what is common to the goals that wait: they can be told, or somebody is told why not.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query late)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog kanren planning)
  #:export (make-late-goal))

(define (make-late-goal description answers complain)
  "The goal with DESCRIPTION that waits for others of its conjunction, see waiting.scm: (ANSWERS GOAL
STATE) is its stream in STATE, or unknown where it cannot be told, and (COMPLAIN GOAL STATE) raises
why.  Where nobody waits for it, that is raised at once."
  (letrec ((goal (make-described-goal
                  description
                  (lambda (state)
                    (barrier state
                      (match (answers goal state)
                        ('unknown (complain goal state))
                        (answers answers)))))))
    goal))
