;;; lengths.scm -- a length of time where a point in time belongs, seen in the text of a question.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; (>o until (days 2)) holds of every time since 1970, where (ago (days 2)) was meant.  To the store both are
;;; numbers; in the text it can be seen which variables are in columns of times.
(define-module (sheepdog query asking lengths)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking shape)
  #:use-module (sheepdog query form)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query type)
  #:use-module (srfi srfi-1)
  #:export (check-lengths))

(define (check-lengths forms)
  "Look through FORMS, a question and what is defined for it, as `read' returned them.
Errors: &question-error with the place where a time is compared with a length of time."
  (define times '())                    ; variables that are times, as they are in scopes
  (define comparisons '())              ; of a variable with a length: (FORM PLACE VARIABLE LENGTH)
  (let walk ((form forms) (scope '()) (place #f))
    (match form
      (((or 'quote 'quasiquote) . _) #t)
      ((? pair?)
       (let ((scope (append (bound-by form) scope))
             (place (or (place-of form) place)))
         (for-each (lambda (name) (set! times (cons (assq name scope) times))) (times-in form))
         (match (compared-with-length form)
           ((name . length)
            (set! comparisons (cons (list form place (assq name scope) length) comparisons)))
           (#f #t))
         (let walk-all ((rest form))
           (when (pair? rest)
             (walk (car rest) scope place)
             (walk-all (cdr rest))))))
      (_ #t)))
  (for-each
   (match-lambda
     ((form place variable length)
      (when (and variable (memq variable times))
        (raise-question-error
         place "~s compares a time, ~a, with a length of time, ~s; write ~s for the time that long before now; \
what lies between two times durationo tells"
         form (car variable) length (list 'ago length)))))
   (reverse comparisons)))

(define (bound-by form)
  ;; A scope is a list of pairs, each of which is one variable.
  (define (variables names) (map list (filter symbol? names)))
  (match form
    (((or 'let 'let* 'letrec 'letrec*) (? symbol? name) ((names . _) ...) . _) (variables (cons name names)))
    (((or 'let 'let* 'letrec 'letrec*) ((names . _) ...) . _) (variables names))
    (((or 'lambda 'define) (names ...) . _) (variables names))
    (_ (call-with-values (lambda () (split-form form))
         (lambda (names goals) (variables (or names '())))))))

(define (times-in form)
  ;; The variables of FORM that are in columns of times.
  (match form
    (((? symbol? (= store-relation (? identity relation))) arguments ...)
     (let ((columns (relation-columns relation)))
       (if (= (length columns) (length arguments))
           (filter-map (lambda (column argument)
                         (and (symbol? argument) (type-reads-time? (column-type column)) argument))
                       columns arguments)
           '())))
    (_ '())))

(define (compared-with-length form)
  ;; The variable that FORM compares with a length of time, and that; #f where it does not.
  (define (length? argument)
    (match argument
      (((or 'milliseconds 'seconds 'minutes 'hours 'days 'weeks) _) #t)
      (_ #f)))
  (match form
    (((or '<o '<=o '>o '>=o 'betweeno) arguments ...)
     (let ((name (find symbol? arguments))
           (length (find length? arguments)))
       (and name length (cons name length))))
    (_ #f)))
