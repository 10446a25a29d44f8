;;; goal-form.scm -- a described goal as it was written, for people.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query goal-form)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query aggregate)
  #:use-module (sheepdog query negation)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query ordering)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query user-relation)
  #:export (goal-name goal-form form->text))

(define (written-and-name goal)
  ;; See written.scm; and a symbol.
  (match (goal-description goal)
    (((? relation? it) . _) (values (relation-written it) (relation-name it)))
    (((? operation? it) . _) (values (operation-written it) (operation-name it)))
    (((? existence? it) . _)
     (values (existence-written it) (if (existence-negated? it) 'noto 'someo)))
    (((? group? it) . _) (values (group-written it) (group-name it)))
    (((? ordering? it) . _) (values (ordering-written it) 'ordero))
    (((? limit? it) . _) (values (limit-written it) 'limito))
    (((? user-relation? it) . _) (values #f (user-relation-name it)))
    (((? symbol? name) . _) (values #f name))))

(define (goal-name goal)
  "How what GOAL, a described one, is of is called, a symbol."
  (call-with-values (lambda () (written-and-name goal)) (lambda (written name) name)))

(define (goal-form goal)
  "GOAL, a described one, as it was written; or as a call with terms where that is not known."
  (call-with-values (lambda () (written-and-name goal))
    (lambda (written name)
      (if written
          (cdr written)
          (cons name (cdr (goal-description goal)))))))

(define (form->text form)
  "FORM as people write it: with 'x for (quote x)."
  (match form
    (('quote x) (string-append "'" (form->text x)))
    ((? list?) (string-append "(" (string-join (map form->text form) " ") ")"))
    (_ (object->string form))))
