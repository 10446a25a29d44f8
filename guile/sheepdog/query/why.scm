;;; why.scm -- what made an answer true: the rows of the store, and the reports that said so.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query why)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query plan conjunction)
  #:use-module (sheepdog query goal-form)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query plan)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query plan statement)
  #:use-module (sheepdog query type)
  #:use-module (sheepdog table)
  #:use-module (srfi srfi-1)
  #:export (reasons-wanted? call-with-trail split-reasons print-reasons))

(define reasons-wanted?
  ;; #t: answers bring along what made them true.
  (make-parameter #f))

(define (call-with-trail procedure)
  "Call PROCEDURE with #f; or where reasons are wanted, with what makes of a variable the goal that it is
the trail of the search, see reasons."
  (if (reasons-wanted?)
      (let ((trail #f))
        (parameterize ((current-trail (lambda () trail)))
          (procedure (lambda (variable)
                       (set! trail variable)
                       (lambda (state) state)))))
      (procedure #f)))

(define (split-reasons answer)
  "Return two values: ANSWER of a run for which reasons were wanted as it would be without; and its
reasons, see reasons."
  (define (split values)
    (match values
      ((value trail) (values* value trail))
      ((values ... trail) (values* values trail))))
  (define (values* answer trail) (cons answer (reasons trail)))
  (match answer
    ;; Constraints are left.
    (((? trail-last? term) . (? pair? constraints))
     (match (split term) ((term . reasons) (values (cons term constraints) reasons))))
    (_ (match (split answer) ((term . reasons) (values term reasons))))))

(define (trail-last? term)
  (and (pair? term) (list? term) (trail? (last term))))

(define (trail? term)
  (match term
    ((((? described-goal?) . _) . _) #t)
    (_ #f)))

(define (reasons trail)
  "What the reified TRAIL of an answer says: a list of (row NAME VALUES TIMES? REPORT), NAME being that of a
relation, VALUES of its arguments, TIMES? which of them are times, and REPORT the id of the report that said
it, or #f; of (comparison FORM NAME VALUES) and (computation FORM NAME VALUES), FORM, a text, being how it was
written; and of (other FORM) for all else."
  (let loop ((trail trail) (found '()))
    (match trail
      (((goal . values) . rest)
       (loop rest (cons (reason goal values) found)))
      (_ (reverse found)))))

(define (reason goal values)
  (define form (form->text (goal-form goal)))
  (cond
   ((call-goal? goal)
    (match (goal-description goal)
      ((relation . _)
       (list 'row (relation-name relation) values
             (map (lambda (column) (type-reads-time? (column-type column)))
                  (relation-columns relation))
             (report-of relation values)))))
   ((comparison-goal? goal) (list 'comparison form (goal-name goal) values))
   ((computation-goal? goal) (list 'computation form (goal-name goal) values))
   ;; What it says is in its form; what stands for its terms may be local to it.
   (else (list 'other form))))

(define* (print-reasons reasons #:optional (port (current-output-port)))
  "Write REASONS to PORT, a line for each."
  (define times (append-map known-times reasons))
  (define (time? value) (and (memv value times) #t))
  (define (shown value time?)
    (if (and time? (real? value)) (format-time value) (form->text value)))
  (define (print-with-values form name values times?)
    (let ((said (format #f "(~a~{ ~a~})" name (map shown values times?))))
      (format port "  ~a~a~%" form (if (string=? form said) "" (string-append ", which is " said)))))
  (for-each
   (match-lambda
     (('row name values times? report)
      (format port "  ~a~{ ~a~}~a~%" name (map shown values times?)
              (if report (format #f "  (report ~a)" report) "")))
     (('comparison form name values)
      ;; What a time is compared with is one.
      (print-with-values form name values (make-list (length values) (any time? values))))
     (('computation form name values)
      (print-with-values form name values (map time? values)))
     (('other form) (format port "  ~a~%" form)))
   reasons))

(define (known-times reason)
  ;; Those of REASON's values that the declaration of a relation says are times.
  (match reason
    (('row _ values times? _)
     (filter-map (lambda (value time?) (and time? (real? value) value)) values times?))
    (_ '())))
