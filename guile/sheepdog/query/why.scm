;;; why.scm -- what made an answer true: the rows of the store, and the reports that said so.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query why)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog query plan conjunction)
  #:use-module (sheepdog query counted)
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
  "Call PROCEDURE with #f and #f; or where reasons are wanted, with what makes of a variable the goal that it is
the trail of the search, which comes first, and of this and another one the goal that the latter is a list with
what each goal of the trail counted or #f, which comes last."
  (if (reasons-wanted?)
      (let ((trail #f))
        (parameterize ((current-trail (lambda () trail)))
          (procedure (lambda (variable)
                       (set! trail variable)
                       (lambda (state) state))
                     (lambda (trail counts)
                       (lambda (state)
                         ;; By then all others hold.
                         (barrier state
                           (unify state counts (map (match-lambda ((goal . _) (counted goal state)))
                                                    (entries (walk* trail state))))))))))
      (procedure #f #f)))

(define (entries trail)
  "What is in TRAIL, whose end is left open, a list."
  (match trail
    ((entry . rest) (cons entry (entries rest)))
    (_ '())))

(define (split-reasons answer)
  "Return two values: ANSWER of a run for which reasons were wanted as it would be without; and its
reasons, see reasons."
  (define (split values)
    (match values
      ((value trail counts) (values* value trail counts))
      ((values ... trail counts) (values* values trail counts))))
  (define (values* answer trail counts) (cons answer (reasons trail counts)))
  (match answer
    ;; Constraints are left.
    (((? trail-in? term) . (? pair? constraints))
     (match (split term) ((term . reasons) (values (cons term constraints) reasons))))
    (_ (match (split answer) ((term . reasons) (values term reasons))))))

(define (trail-in? term)
  (and (list? term) (> (length term) 2) (trail? (list-ref term (- (length term) 2)))))

(define (trail? term)
  (match term
    ((((? described-goal?) . _) . _) #t)
    (_ #f)))

(define (reasons trail counts)
  "What the reified TRAIL of an answer says, whose goals counted COUNTS: a list of (row NAME VALUES TIMES?
REPORT), NAME being that of a relation, VALUES of its arguments, TIMES? which of them are times, and REPORT
the id of the report that said it, or #f; of (comparison FORM NAME VALUES) and (computation FORM NAME
VALUES), FORM, a text, being how it was written; of (answers FORM REASONS MORE ALL?) for an aggregate,
REASONS being those of each of the answers that it is about, of which there are MORE, ALL? telling whether
these are all; and of (other FORM) for all else."
  (map (lambda (entry count) (reason (car entry) (cdr entry) count)) (entries trail) counts))

(define* (reason goal values #:optional count)
  (define form (form->text (goal-form goal)))
  (cond
   ((call-goal? goal)
    (match (goal-description goal)
      ((relation . _)
       (list 'row (relation-name relation) values
             (map (lambda (column) (eq? 'time (type-quantity (column-type column))))
                  (relation-columns relation))
             (report-of relation values)))))
   ((comparison-goal? goal) (list 'comparison form (goal-name goal) values))
   ((computation-goal? goal) (list 'computation form (goal-name goal) values))
   (count
    (list 'answers form
          (map (lambda (trail) (map (match-lambda ((goal . values) (reason goal values))) (entries trail)))
               (counted-trails count))
          (counted-more count) (counted-all? count)))
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
     (('answers form answers more all?)
      (format port "  ~a~%" form)
      (for-each (lambda (reasons) (print-rows reasons port)) answers)
      (when (positive? more)
        (format port "    and ~a~a more~%" (if all? "" "at least ") more)))
     (('other form) (format port "  ~a~%" form)))
   reasons))

(define (print-rows reasons port)
  "Write the rows among REASONS of an answer that was counted to PORT."
  (for-each
   (lambda (reason indent)
     (match reason
       (('row name values times? report)
        (format port "~a~a~{ ~a~}~a~%" indent name
                (map (lambda (value time?) (if (and time? (real? value)) (format-time value) (form->text value)))
                     values times?)
                (if report (format #f "  (report ~a)" report) "")))))
   (filter (match-lambda (('row . _) #t) (_ #f)) reasons)
   ;; Further rows of the same answer stand below its first one.
   (cons "    " (make-list (length reasons) "      "))))

(define (known-times reason)
  ;; Those of REASON's values that the declaration of a relation says are times.
  (match reason
    (('row _ values times? _)
     (filter-map (lambda (value time?) (and time? (real? value) value)) values times?))
    (('answers _ answers _ _) (append-map known-times (concatenate answers)))
    (_ '())))
