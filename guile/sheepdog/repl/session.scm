;;; session.scm -- the relations and questions that were defined in a REPL.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog repl session)
  #:use-module (ice-9 match)
  #:use-module ((ice-9 session) #:select (procedure-arguments))
  #:use-module (sheepdog query asking library)
  #:use-module (sheepdog query reference)
  #:use-module (sheepdog query user-relation)
  #:use-module (srfi srfi-1)
  #:export (session-entries add-session-question! with-session-questions session-question?))

(define (session-entries)
  "Entries of the relations that users have defined and that the current module knows."
  (relation-forms->entries
   (append (filter-map (lambda (relation)
                         (and (module-variable (current-module) (user-relation-name relation))
                              (definition (user-relation-name relation) (user-relation-arguments relation)
                                          (user-relation-doc relation))))
                       (user-relations))
           ;; What defrel defines is a procedure.
           (filter-map (match-lambda
                         ((name . (? procedure? procedure))
                          (definition name (or (assq-ref (procedure-arguments procedure) 'required) '())
                                      (procedure-documentation procedure)))
                         (_ #f))
                       (module-map (lambda (name variable)
                                     (cons name (and (variable-bound? variable) (variable-ref variable))))
                                   (current-module))))))

(define (definition name arguments doc)
  `(define-relation (,name ,@arguments) ,@(if doc (list doc) '()) succeed))

(define questions '()) ; forms, the newest last

(define place "this session")

(define (with-session-questions library)
  "LIBRARY with the questions of this session."
  (fold (lambda (form library) (library-of-forms (list form) place library)) library questions))

(define (session-question? question)
  "True where QUESTION was defined in this session, whose relations it may use."
  (equal? place (question-place question)))

(define (add-session-question! form)
  "Let the session have the question that FORM, a datum, defines, and return it.
Errors: &config-error."
  (match (library-questions (library-of-forms (list form) place))
    ((question)
     (set! questions (append questions (list form)))
     question)))
