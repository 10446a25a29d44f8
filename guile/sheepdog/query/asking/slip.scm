;;; slip.scm -- what other languages would mean, where a question means something else or nothing.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; To Scheme every goal is true, so its conditions choose without asking anything.
(define-module (sheepdog query asking slip)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking goal-text)
  #:use-module (sheepdog query form)
  #:use-module (sheepdog query goal-form)
  #:use-module (sheepdog query relation)
  #:use-module (srfi srfi-1)
  #:export (check-run check-goal-slip explain-unknown-number))

;;; run.

(define (check-run form place)
  "Raise a &question-error for PLACE where FORM, any list, looks like a run, or a form that binds variables,
and is written wrongly."
  (match form
    (('run '* . _)
     (raise-question-error place "run* is one word; write (run* (VARIABLE ...) GOAL ...)"))
    ((or ('run (and variables (or (? symbol?) ((? symbol?) ..1))) (? goal-call?) . _)
         ;; A goal of a relation of one's own, about a variable.
         ('run (and variables ((? symbol?) ..1))
           (_ . (? list? (? (lambda (arguments) (any (lambda (name) (memq name arguments)) variables))))) . _))
     (raise-question-error place "run takes a number first, as (run 10 ~s ...); run* finds all, as (run* ~s ...)"
                           variables variables))
    (('run* (? number? n) variables _ . _)
     (raise-question-error place "run* takes no number, since it finds all; write (run ~a ~s ...)" n variables))
    (((and name (or 'run* 'fresh 'project 'defrel 'define-relation)) (? comma?) . _)
     (complain-comma name place))
    (('run _ (? comma?) . _) (complain-comma 'run place))
    (_ #t)))

(define (comma? form)
  ;; (h, s) is read as the names "h," and s, and (h ,s) as h and (unquote s).
  (and (list? form)
       (any (match-lambda
              (('unquote _) #t)
              ((? symbol? (= symbol->string name)) (string-index name #\,))
              (_ #f))
            form)))

(define (complain-comma name place)
  (raise-question-error place "~a: there are no commas between names and between arguments; blanks separate \
them" name))

(define (check-goal-slip goal place scope)
  "Raise a &question-error for PLACE where GOAL, which stands where one belongs, is a form of another
language.  SCOPE are the variables around it that have no value before the question is answered, symbols."
  (check-connective goal place)
  (check-choice goal place scope)
  (check-comparison goal place)
  (check-keys goal place)
  (match goal
    (((? symbol? name) . (? comma?)) (complain-comma name place))
    (_ #t))
  (when (and (goal-call? goal) (not (goal-form? (car goal))))
    (check-arguments goal place scope)))

;;; and, or, not.

(define (check-connective goal place)
  (match goal
    (('and (= goal-call? #t) _ . _)
     (raise-question-error place "and is Scheme's, which takes the last of several goals alone; goals that \
shall all hold stand beside each other, in a clause of conde or in a fresh"))
    (('or (= goal-call? #t) _ . _)
     (raise-question-error place "or is Scheme's, which takes the first of several goals alone; write \
(conde (GOAL ...) (GOAL ...))"))
    (('not (and inner (= goal-call? #t)))
     (raise-question-error place "not is Scheme's, which is about no goal; write ~s" (list 'noto inner)))
    (_ #t)))

;;; if and its like.

(define (tests form)
  "What FORM, a condition of Scheme, looks at, a list; #f where it is none."
  (match form
    (((or 'if 'when 'unless 'case) test _ . _) (list test))
    (('cond (clauses _ ...) ..1) clauses)
    (_ #f)))

(define (mentioned form scope)
  "The first symbol of SCOPE in FORM, but not in what it quotes; #f where there is none."
  (cond ((symbol? form) (and (memq form scope) form))
        ((quoted? form) #f)
        ((pair? form) (or (mentioned (car form) scope) (mentioned (cdr form) scope)))
        (else #f)))

(define (opposite test)
  (match test
    (('== a b) (list '=/= a b))
    (('=/= a b) (list '== a b))
    (('noto goal) goal)
    (_ (list 'noto test))))

(define (as-conde form)
  "FORM, a condition of Scheme with a goal as its test, as it was meant, a text."
  (define (clauses . clauses) (form->text (cons 'conde clauses)))
  (match form
    (('if test 'succeed 'fail) (form->text test))
    (('if test then 'fail) (clauses (list test then)))
    (('if test then else) (clauses (list test then) (list (opposite test) else)))
    (('unless test goals ...) (clauses (cons (opposite test) goals)))
    (((or 'if 'when) test goals ...) (clauses (cons test goals)))
    (_ "(conde (GOAL ...) (GOAL ...)), and (noto GOAL) for what shall not hold")))

(define (check-choice goal place scope)
  (match (tests goal)
    (#f #t)
    (tests
     (cond
      ((any goal-call? tests)
       (raise-question-error place "~a is Scheme's, to which every goal is true; write ~a" (car goal)
                             (as-conde goal)))
      ((any (lambda (test) (mentioned test scope)) tests)
       => (lambda (name)
            (raise-question-error place "~a is Scheme's, and looks at ~a before that has a value; write \
(conde (GOAL ...) (GOAL ...)) with a goal about ~a in each clause, and (noto GOAL) for what shall not hold; or \
condu, where the first clause whose first goal holds is the only one"
                                  (car goal) name name)))))))

;;; < and its like.

(define (as-goal name)
  "The name of the goal that is meant by NAME, one of Scheme's that compares; #f where it is none."
  (match name
    ('= '==)
    ((or '< '<= '> '>=) (symbol-append name 'o))
    (_ #f)))

(define (arithmetic? form)
  (match form (((or '+ '- '* '/) _ . _) #t) (_ #f)))

(define (check-comparison goal place)
  (match goal
    (((? symbol? (? as-goal name)) a b)
     (let ((right (as-goal name)))
       (match (find arithmetic? (list a b))
         (#f (raise-question-error place "~a is Scheme's, and makes no goal; write ~s" name (list right a b)))
         ((and sum (operator . _))
          (let ((result (result-name goal)))
            (raise-question-error
             place "~a and ~a are Scheme's, and compute with numbers that are known when the question is read; \
write ~a ~a" name operator (or (computation sum result) "(pluso a b x), (timeso a b x) or the like, and")
             (form->text (cons right (map (lambda (x) (if (eq? x sum) result x)) (list a b))))))))))
    (_ #t)))

(define (result-name form)
  "A name for a result that is not in FORM."
  (free-name #f (let names ((form form))
                  (match form
                    ((first . rest) (append (names first) (names rest)))
                    (name (list name))))))

(define (computation sum result)
  "The goal that says that RESULT is what SUM computes, a text; #f where no single one does."
  (match sum
    (('- a b) (form->text (list 'durationo b a result)))
    (('+ a b) (form->text (list 'pluso a b result)))
    (('* a b) (form->text (list 'timeso a b result)))
    (('/ a b) (form->text (list 'timeso b result a)))
    (_ #f)))

(define (explain-unknown-number name call forms)
  "What is wrong where NAME, that of a procedure of Scheme, was given a variable in CALL, a list in FORMS,
or #f where it is not known which; #f where it computes nothing."
  (define (and-write text) (if text (string-append "; write " text) ""))
  (match name
    ((? as-goal (= as-goal right))
     (format #f "~a is Scheme's, and compares numbers that are known when the question is read, where a \
variable has no value yet~a" name (and-write (and call (form->text (cons right (cdr call)))))))
    ((or '+ '- '* '/)
     (format #f "~a is Scheme's, and computes with numbers that are known when the question is read, where a \
variable has no value yet; pluso, timeso and durationo compute with variables~a" name
             (let* ((result (result-name forms))
                    (goal (and call (computation call result))))
               (if goal (format #f ": write ~a, and ~a in its place" goal result) ""))))
    (_ #f)))

;;; The keys of ordero.

(define (check-keys goal place)
  (match goal
    (('ordero (and keys ((and direction (or '< '>)) _ ...)) . _)
     (raise-question-error place "ordero: ~a stands for a direction, and a key is (~a VARIABLE); the keys are \
a list, so write ~a" direction direction
                           (match keys
                             ((_ (? symbol?)) (form->text (list keys)))
                             (_ (format #f "((~a VARIABLE))" direction)))))
    (('ordero (? list? keys) . _)
     (for-each (lambda (key) (check-key key place)) keys))
    (_ #t)))

(define (as-key form)
  "The key of ordero that is meant by FORM, one of other languages; #f where it is none."
  (match form
    ((or ((or 'desc 'descending '- 'reverse '>o) (? symbol? name))
         ((? symbol? name) (or 'desc 'descending '>)))
     (list '> name))
    ((or ((or 'asc 'ascending '+ '<o) (? symbol? name))
         ((? symbol? name) (or 'asc 'ascending '<)))
     (list '< name))
    (_ #f)))

(define (check-key key place)
  (match key
    (((or '< '>) (? symbol?)) #t)
    ((and name (or '< '>))
     (raise-question-error place "ordero: ~a stands for a direction, and a key is (~a VARIABLE)" name name))
    ((? symbol?) #t)
    (_
     (raise-question-error (or (place-of key) place) "ordero: ~a is no key; a key is ~a" (form->text key)
                           (match (as-key key)
                             (('> name) (format #f "(> ~a), greatest first" name))
                             (('< name) (format #f "(< ~a), smallest first" name))
                             (#f "(< VARIABLE), smallest first, or (> VARIABLE), greatest first"))))))

;;; Arguments.

(define (check-arguments goal place scope)
  (match goal
    ((name . (? list? arguments))
     (let ((columns (match (store-relation name)
                      (#f (map (const #f) arguments))
                      (relation (map column-name (relation-columns relation))))))
       (for-each
        (lambda (argument n)
          (check-argument name argument
                          (free-name (and (< n (length columns)) (list-ref columns n)) arguments)
                          place scope))
        arguments (iota (length arguments)))))
    (_ #t)))

(define (free-name column arguments)
  "A name for a variable in the place of an argument of COLUMN, a symbol or #f."
  (define taken (filter symbol? arguments))
  (if (and column (not (memq column taken)))
      column
      (or (find (lambda (name) (not (memq name taken))) '(x y z other another)) 'one-more)))

(define (check-argument name argument variable place scope)
  (define (true? value)
    ;; Surely, whatever comes of it.
    (or (quoted? value) (string? value) (number? value) (and (symbol? value) (memq value scope))))
  (define (alternatives values)
    (form->text (cons 'conde (map (lambda (value) (list (list '== variable value))) values))))
  (match argument
    (('or . (and values ((? true?) _ ...)))
     (raise-question-error place "~a: ~a is Scheme's, and means the first alone; write a variable, ~a, in its \
place, and beside it ~a" name (form->text argument) variable (alternatives values)))
    (('not (? true? value))
     (raise-question-error place "~a: ~a is Scheme's, and means #f; write a variable, ~a, in its place, and \
beside it ~a" name (form->text argument) variable (form->text (list '=/= variable value))))
    (('and (? true?) _ . _)
     (raise-question-error place "~a: ~a is Scheme's, and means the last alone; an argument is one value or \
a variable, about which goals beside it may say several things" name (form->text argument)))
    ((? goal-call?)
     (raise-question-error place "~a: ~a is a goal, which stands for no value; write a variable, ~a, in its place, and the goal beside it" name (form->text argument) variable))
    (((? (lambda (called) (memq called scope)) called) . _)
     (raise-question-error place "~a: ~a is a variable, which nothing can be given to; write ~a without parentheses" name called called))
    ((or ('list values ..1) ('quote (values ..1)))
     (when (store-relation name)
       (raise-question-error place "~a: ~a is a list, and the store has none; for one of several values write a \
variable, ~a, in its place, and beside it ~a" name (form->text argument) variable
                             (alternatives (if (eq? 'quote (car argument))
                                               (map quoted values)
                                               values)))))
    (_ #t)))

(define (quoted value)
  (if (symbol? value) (list 'quote value) value))
