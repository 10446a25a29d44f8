;;; form.scm -- the forms of the language, in the text of a question: how each is written, what it binds.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query form)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:export (form-usage split-form goal-form?))

(define usages
  ;; Those that make goals, and the others.
  '((fresh (VARIABLE ...) GOAL ...)
    (conde (GOAL ...) ...)
    (conda (GOAL ...) ...)
    (condu (GOAL ...) ...)
    (onceo GOAL)
    (project (VARIABLE ...) GOAL ...)
    (noto GOAL ...)
    (someo GOAL ...)
    (counto N (LOCAL ...) GOAL ...)
    (sumo TOTAL (X LOCAL ...) GOAL ...)
    (mino LEAST (X LOCAL ...) GOAL ...)
    (maxo GREATEST (X LOCAL ...) GOAL ...)
    (avgo MEAN (X LOCAL ...) GOAL ...)
    (mediano MEDIAN (X LOCAL ...) GOAL ...)
    (groupo (KEY ...) ((KIND RESULT X) ...) (LOCAL ...) GOAL ...)
    (ordero (KEY ...) GOAL ...)
    (limito COUNT GOAL ...)))

(define other-usages
  '((run* (VARIABLE ...) GOAL ...)
    (run N (VARIABLE ...) GOAL ...)
    (defrel (NAME ARGUMENT ...) GOAL ...)
    (define-relation (NAME ARGUMENT ...) GOAL ...)))

(define (goal-form? name)
  "True where NAME, a symbol, is that of a form that makes a goal of goals."
  (and (assq name usages) #t))

(define (form-usage name)
  "How the form with NAME, a symbol, is written, a list; #f where there is none."
  (or (assq name usages) (assq name other-usages)))

(define (split-form form)
  "Return two values: the variables that FORM binds, a list, and the goals in it, a list; #f and #f where
it is none that is written rightly."
  (match form
    (('run* (? symbol? v) goals ...) (values (list v) goals))
    (((or 'run* 'fresh 'project) ((? symbol? vs) ...) goals ...) (values vs goals))
    (('run _ (? symbol? v) goals ...) (values (list v) goals))
    (('run _ ((? symbol? vs) ...) goals ...) (values vs goals))
    (((or 'defrel 'define-relation) ((? symbol?) (? symbol? vs) ...) (? string?) goals ..1)
     (values vs goals))
    (((or 'defrel 'define-relation) ((? symbol?) (? symbol? vs) ...) goals ...) (values vs goals))
    (('onceo goal) (values '() (list goal)))
    (((or 'noto 'someo) goals ..1) (values '() goals))
    (('counto _ ((? symbol? vs) ...) goals ..1) (values vs goals))
    (((or 'sumo 'mino 'maxo 'avgo 'mediano) _ ((? symbol? vs) ..1) goals ..1) (values vs goals))
    (('groupo (_ ...) (_ ...) ((? symbol? vs) ...) goals ..1) (values vs goals))
    (('ordero (_ ...) goals ..1) (values '() goals))
    (('limito _ goals ..1) (values '() goals))
    (((or 'conde 'conda 'condu) clauses ...)
     (values '() (append-map (lambda (clause) (if (list? clause) clause '())) clauses)))
    (_ (values #f #f))))
