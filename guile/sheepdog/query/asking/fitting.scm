;;; fitting.scm -- a value that a variable is compared with and can never have, seen in the text of a question.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; (== status 'critcal) beside (statuso host service status since) holds of nothing, and (=/= status "ok") of
;;; everything.  What a variable can be the columns tell in which it stands, in the same conjunction or in one
;;; around it: what stands in another clause of a choice says nothing.
(define-module (sheepdog query asking fitting)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking visit)
  #:use-module (sheepdog query goal-form)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query type)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:export (check-fitting))

(define (check-fitting forms)
  "Look through FORMS, a question and what is defined for it, as `read' returned them.
Errors: &question-error with the place where a variable is compared with a value that it cannot have."
  (let* ((visited (visit forms))
         (columns-of (columns-by-variable visited)))
    (for-each
     (match-lambda
       ((form place scope path)
        (match form
          (((and name (or '== '=/=)) a b)
           (check-same name a b place (columns-of scope path))
           (check-same name b a place (columns-of scope path)))
          (((and name (or '<o '<=o '>o '>=o 'betweeno)) arguments ...)
           (check-order name arguments place (columns-of scope path)))
          (_ #t))))
     visited)))

;;; What variables stand for.

(define (columns-by-variable visited)
  "A procedure that returns, for a scope and a path of what was VISITED, another one, that tells in which columns
a name stands there: a list of pairs of a relation and a column."
  (define known (make-hash-table))  ; variable -> list of (path relation . column)
  (define parameters (own-parameters visited))
  (define (argument-columns name)
    "For each argument of the relation NAME a list of pairs of a relation and a column, or #f."
    (cond ((assq-ref parameters name)
           => (lambda (variables)
                (map (lambda (variable)
                       ;; What holds in all of the definition.
                       (filter-map (match-lambda ((path . column) (and (null? path) column)))
                                   (hashq-ref known variable '())))
                     variables)))
          ((store-relation name)
           => (lambda (relation)
                (map (lambda (column) (list (cons relation column))) (relation-columns relation))))
          (else #f)))
  (define (note! variable path column)
    (let ((before (hashq-ref known variable '()))
          (new (cons path column)))
      (and (not (member new before same-fact?))
           (hashq-set! known variable (cons new before)))))
  (define (learn! form scope path)
    "True where FORM tells something new."
    (match form
      (((? symbol? (= argument-columns (? list? columns))) arguments ...)
       (and (= (length columns) (length arguments))
            (fold (lambda (argument columns news?)
                    (let ((variable (and (symbol? argument) (assq argument scope))))
                      (if variable
                          (fold (lambda (column news?) (or (note! variable path column) news?)) news? columns)
                          news?)))
                  #f arguments columns)))
      (_ #f)))
  (learn-all visited learn!)
  (lambda (scope path)
    (lambda (name)
      (filter-map (match-lambda ((other . column) (and (holds-at? other path) column)))
                  (hashq-ref known (assq name scope) '())))))

(define (same-fact? a b)
  (match (cons a b)
    (((path relation . column) . (other-path other . other-column))
     (and (eq? path other-path) (eq? relation other) (eq? column other-column)))))

(define (holds-at? path inner)
  "True where what is said at PATH holds at INNER: that is in it."
  (let ((extra (- (length inner) (length path))))
    (and (>= extra 0) (eq? path (list-tail inner extra)))))

;;; Comparing.

(define (constant x)
  "The value that X, a form, stands for, in a list; #f where it is none that is written there."
  (match x
    (('quote (and value (not (? pair?)))) (list value))
    ((or (? string?) (? number?) (? boolean?)) (list x))
    (_ #f)))

(define (check-same name variable other place columns)
  (match (and (symbol? variable) (constant other))
    (#f #t)
    ((value)
     (for-each (match-lambda
                 ((relation . column)
                  (define type (column-type column))
                  (match (type-check type value)
                    ((? (lambda (meant)
                          (or (not meant)
                              ;; As an argument of a relation a symbol may stand for its name.
                              (and (symbol? value) (type-takes-text? type)))))
                     (complain name variable relation column
                               (format #f " must be ~a, not ~a~a" (type-doc type) (describe-term value)
                                       (type-hint type value))
                               place))
                    ((meant)
                     (unless (equal? meant value)
                       (complain name variable relation column
                                 (format #f " is never ~a; write ~s" (describe-term value) meant)
                                 place))))))
               (columns variable)))))

(define (check-order name arguments place columns)
  (for-each
   (lambda (variable)
     (for-each (match-lambda
                 ((relation . column)
                  (match (type-name (column-type column))
                    ((and type (or 'status 'outcome))
                     (complain name variable relation column (order-fault type variable) place))
                    (_
                     (let ((text (find string? arguments)))
                       (when (and text (type-quantity (column-type column)))
                         (complain name variable relation column
                                   (format #f " cannot be compared with ~a~a" (describe-term text)
                                           (type-hint (column-type column) text))
                                   place)))))))
               (columns variable)))
   (filter symbol? arguments)))

(define (order-fault type variable)
  (format #f " has no order; name what is meant, as ~a"
          (form->text `(conde ,@(map (lambda (value) `((== ,variable ',value)))
                                     (if (eq? type 'status) '(warning critical) '(failed timed-out)))))))

(define (complain name variable relation column fault place)
  (raise-question-error place "~a: ~a~a" name
                        (if (eq? variable (column-name column))
                            (format #f "~a of ~a" variable (relation-name relation))
                            (format #f "~a, the ~a of ~a," variable (column-name column)
                                    (relation-name relation)))
                        fault))
