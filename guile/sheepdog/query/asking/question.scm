;;; question.scm -- a question as text: read, evaluated, its answers as rows.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking question)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query asking check)
  #:use-module (sheepdog query asking mistake)
  #:use-module (sheepdog query asking shape)
  #:use-module (sheepdog query asking text)
  #:use-module (sheepdog query type)
  #:use-module (sheepdog query why)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-26)
  #:export (read-question question-run question-variables question-run?
            make-question-module ask-question answer->row answers->rows))

(define (read-question text name)
  "The forms that TEXT, called NAME, has: definitions, and last the question.
Errors: &config-error, with the place."
  (let ((forms (read-forms text name)))
    (when (null? forms)
      (raise-config-error name "there is no question, such as (run* (host) (hosto host))"))
    forms))

(define (run-form form)
  "The variables, limit and goals of FORM, where it is a run or run*; else #f."
  (match form
    (('run* (? symbol? variable) goals ..1) (list (list variable) #f goals))
    (('run* ((? symbol? variables) ...) goals ..1) (list variables #f goals))
    (('run limit (? symbol? variable) goals ..1) (list (list variable) limit goals))
    (('run limit ((? symbol? variables) ...) goals ..1) (list variables limit goals))
    (_ #f)))

(define (call-with-run form match-run no-run)
  "Call (MATCH-RUN BINDINGS VARIABLES LIMIT GOALS) where FORM is a run or run*, or one in a let with
BINDINGS; else NO-RUN."
  (match form
    (('let (((? symbol? names) expressions) ...) body)
     (match (run-form body)
       ((variables limit goals) (match-run (map list names expressions) variables limit goals))
       (#f (no-run))))
    (_
     (match (run-form form)
       ((variables limit goals) (match-run '() variables limit goals))
       (#f (no-run))))))

(define (question-run? forms)
  "True where the question, the last of FORMS, is a run, whose answers come as they are found."
  (call-with-run (last forms) (const #t) (const #f)))

(define (question-run forms)
  "The first run in FORMS, from the last form on; or #f."
  (let find-run ((form (last forms)))
    (match form
      ((? run-form) form)
      (('quote . _) #f)
      ;; What is asked is below what it is given.
      (('let bindings . body) (or (find-run body) (find-run bindings)))
      ((first . rest) (or (find-run first) (find-run rest)))
      (_ #f))))

(define (question-variables forms)
  "The variables of that run as a list of symbols; or #f."
  (match (and=> (question-run forms) run-form)
    ((variables _ _) variables)
    (#f #f)))

;;; Evaluating.

(define (make-question-module)
  "A new module for a question: all of Guile, and what (sheepdog query) has."
  (let ((module (make-fresh-user-module)))
    (for-each (lambda (name) (module-use! module (resolve-interface name)))
              '((srfi srfi-1) (ice-9 match) (sheepdog query)))
    module))

(define (smaller a b)
  (if (and a b) (min a b) (or a b)))

(define* (ask-question forms limit consume #:optional (module (make-question-module)))
  "Evaluate FORMS in MODULE and call CONSUME with each answer of the last one, at most LIMIT or all if
that is #f: as it is found where the form is a run, else with each element of the list that it returns.
Where reasons-wanted? is true a run has two more variables, the last ones, which why.scm reads.
Errors: &config-error with the place where FORMS are no good question, those of reading the store, and
what they raise themselves."
  (call-explaining-errors
   forms
   (lambda ()
     (check-question forms)
     (call-in-module
      module
      (lambda ()
        (for-each (lambda (form) (call-noting-form form (lambda () (eval form module))))
                  (drop-right forms 1))
        (let ((question (last forms)))
          (call-noting-form question (lambda () (ask-last question limit consume module)))))))))

(define (call-in-module module thunk)
  ;; What looks a name up only while it runs must find what the question may name, and nothing else.
  (save-module-excursion
   (lambda ()
     (set-current-module module)
     (thunk))))

(define (ask-last question limit consume module)
  (call-with-run question
    (lambda (bindings variables own-limit goals)
      (call-with-trail
       (lambda (leave-trail count-trail)
         ((eval `(lambda (consume% limit% smaller% leave-trail% count-trail%)
                   (let ,bindings
                     (run-for-each consume% (smaller% ,own-limit limit%)
                                   ,@(if leave-trail
                                         `((,@variables trail% counts%)
                                           (leave-trail% trail%)
                                           ,@goals
                                           (count-trail% trail% counts%))
                                         (cons variables goals)))))
                module)
          consume limit smaller leave-trail count-trail))))
    (lambda ()
      (match (eval question module)
        ((answers ...)
         (for-each consume (if (and limit (< limit (length answers)))
                               (take answers limit)
                               answers)))
        (other (complain-about-value question other))))))

(define (complain-about-value question value)
  (raise-config-error (place-of question) "~a"
                      (match question
                        ((? (const (procedure? value)))
                         (format #f "~s is no question; ask for the values of variables, as \
(run* (host) (hosto host))" question))
                        (((? symbol? (= symbol->string (? (cut string-prefix? "def" <>)))) . _)
                         "there is no question at its end, such as (run* (host) (hosto host))")
                        (_ (format #f "the question is no run, and returns no list but ~s" value)))))

;; The form of the question that is being evaluated, where an error says no better place.
(define current-form (make-parameter #f))

(define (call-noting-form form thunk)
  (parameterize ((current-form form)) (thunk)))

(define (call-explaining-errors forms thunk)
  ;; Called where the error was raised, so that the form is known; left by `escape'.
  (with-exception-handler
      (lambda (exception)
        (cond
         ((or (core-error? exception) (config-error? exception))
          (raise-exception exception))
         ((quit-exception? exception)
          (raise-config-error (and=> (current-form) place-of) "~a" (exception->text exception)))
         ((question-mistake exception forms)
          => (match-lambda
               ((place . text)
                (raise-config-error (or place (and=> (current-form) place-of)) "~a" text))))
         (else (raise-exception exception))))
    thunk))

;;; Answers.

;; A list of more elements is no row but one value.
(define most-columns 100)

(define constraint-names '(=/= sym num str absento))

(define (constraints? x)
  (and (pair? x)
       (every (match-lambda ((name . _) (memq name constraint-names)) (_ #f)) x)))

(define (answer->row answer count)
  "ANSWER of a run with COUNT variables as a pair of the list of their values and the constraints that
are left, a list; #f where it is none."
  (define (values-of term)
    (cond ((= count 1) (list term))
          ((and (list? term) (= count (length term))) term)
          (else #f)))
  (or (match answer
        ((term . (? constraints? rest)) (and=> (values-of term) (lambda (row) (cons row rest))))
        (_ #f))
      (and=> (values-of answer) list)))

(define (answers->rows answers variables)
  "Return two values: ANSWERS as a list of rows, lists of values; and the headings of these, symbols:
VARIABLES, a list or #f, where the answers are of a run with these.  Constraints that are left of a
question are a last column.  Lists with very many elements are one value each."
  (define rows
    (and variables
         (map (lambda (answer) (answer->row answer (length variables))) answers)))
  (cond
   ((and rows (every identity rows))
    (if (any (compose pair? cdr) rows)
        (values (map (match-lambda ((row . rest) (append row (list (and (pair? rest) rest))))) rows)
                (append variables '(where)))
        (values (map car rows) variables)))
   ((and (pair? answers) (every list? answers)
         (let ((columns (length (car answers))))
           (and (<= columns most-columns)
                (every (lambda (answer) (= columns (length answer))) answers))))
    (values answers (map (lambda (n) (string->symbol (number->string n)))
                         (iota (length (car answers)) 1))))
   (else (values (map list answers) '(answer)))))
