;;; planned-alike.scm -- tests that a question is answered alike by one SELECT and goal by goal
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog planned-alike)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query plan)
  #:use-module (sheepdog query waiting)
  #:use-module (sheepdog question-error)
  #:use-module ((sheepdog small-herd) #:select (write-store))
  #:use-module (srfi srfi-64)
  #:export (test-alike test-planned add-empty-interval))

(define (add-empty-interval path)
  "Let the small herd in the store at PATH have a state that ended as it began."
  (write-store path '(("INSERT INTO state VALUES(4, 1795000000000000, 1795000000000000, 2, 1, 1)"))))

(define (answers-by plan question)
  "The answers of QUESTION, a thunk, by PLAN, sorted; or the message of its error."
  (complaint
   (sort (parameterize ((current-planner plan)) (question))
         (lambda (a b) (string<? (object->string a) (object->string b))))))

(define-syntax-rule (test-alike (count question) ...)
  ;; Each QUESTION has COUNT answers, or #f: an error, the same both ways.
  (begin
    (let* ((ask (lambda () question))
           (planned (answers-by plan-conjunction ask))
           (searched (answers-by plan-waiting ask)))
      (test-equal (object->string 'question) planned searched)
      (test-equal (format #f "~s: so many answers" 'question)
        count (and (list? searched) (length searched))))
    ...))

(define-syntax-rule (test-planned (count question) ...)
  ;; Each QUESTION, which only the planner sees through, has COUNT answers.
  (begin
    (test-equal (object->string 'question)
      count (let ((planned (answers-by plan-conjunction (lambda () question))))
              (if (list? planned) (length planned) planned)))
    ...))
