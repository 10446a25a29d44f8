;;; explain.scm -- which part of a question the store answers, how, and what is searched for.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query explain)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query goal-form)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query plan)
  #:use-module ((sheepdog query plan conjunction) #:select (call-goal?))
  #:use-module (sheepdog query plan statement)
  #:use-module (sheepdog query sql-text)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (explain))

(define-record-type <asked>
  (make-asked sql parameters goals steps times rows)
  asked?
  (sql asked-sql)
  (parameters asked-parameters)         ; of the first time
  (goals asked-goals)                   ; forms that it says
  (steps asked-steps)                   ; of SQLite's own plan, see query-plan
  (times asked-times set-asked-times!)  ; how often it was asked
  (rows asked-rows set-asked-rows!))    ; how many rows were read of it

(define (call-explaining thunk)
  "Call THUNK, which asks questions.  Return two values: what the store was asked, a list of <asked> in the
order of their first times; and what was searched, a list of texts."
  (define asked '())
  (define searched '())
  (define (note-select sql parameters goals)
    (let ((one (or (find (lambda (one) (string=? sql (asked-sql one))) asked)
                   (let ((one (make-asked sql parameters (map goal-form goals)
                                          (query-plan sql parameters) 0 0)))
                     (set! asked (cons one asked))
                     one))))
      (set-asked-times! one (+ 1 (asked-times one)))
      (lambda (count) (set-asked-rows! one (+ count (asked-rows one))))))
  (define (note-search left choices opaque behind)
    (define (note! text)
      (unless (member text searched) (set! searched (cons text searched))))
    (for-each (lambda (goal)
                (note! (format #f "~a, since ~a" (form->text (goal-form goal))
                             (reason goal choices opaque behind))))
              left)
    (when (positive? choices)
      (note! (format #f "~a (conde) that ~a nothing of the store, or must wait"
                     (format-count choices "choice") (if (= choices 1) "asks" "ask"))))
    (when (positive? opaque)
      (note! (format #f "~a that ~a itself too deep to look into"
                     (format-count opaque "relation") (if (= opaque 1) "calls" "call"))))
    (when (positive? behind)
      (note! (format #f "~a, from the first on that commits (conda, condu, onceo, limito), looks at values \
(project), or is no goal of miniKanren's own, in their order"
                     (format-count behind "goal")))))
  (parameterize ((current-observer note-select)
                 (current-search-observer note-search))
    (thunk))
  (values (reverse asked) (reverse searched)))

(define (reason goal choices opaque behind)
  (cond
   ((memq (goal-name goal) '(noto someo counto sumo mino maxo avgo mediano groupo))
    "there is something in it that is no SQL, or is nested too deep for SQLite, or it needs what is searched")
   ((positive? (+ choices opaque behind)) "what it is about may be searched")
   ((call-goal? goal) "SQLite joins no more tables in one SELECT")
   (else "what it is about has no SQL, or is of a kind that has no order, or one SELECT has no room for more")))

(define* (explain thunk #:optional (port (current-output-port)))
  "Call THUNK, which asks questions, and write to PORT which part of them the store was asked, in which SQL,
how SQLite found that, and what was searched."
  (call-with-values (lambda () (call-explaining thunk))
    (lambda (asked searched)
      (when (null? asked)
        (format port "The store was not asked.~%"))
      (for-each (lambda (one n) (print-asked one n port)) asked (iota (length asked) 1))
      (unless (null? searched)
        (format port "Searched for:~%~{  ~a~%~}" searched)))))

(define (print-asked one n port)
  (format port "SELECT ~a, asked ~a, ~a read, says~%" n
          (match (asked-times one) (1 "once") (times (format #f "~a times" times)))
          (format-count (asked-rows one) "row"))
  (for-each (lambda (form) (format port "  ~a~%" (form->text form))) (asked-goals one))
  (format port "in SQL~%~{  ~a~%~}" (sql->lines (asked-sql one)))
  (unless (null? (asked-parameters one))
    (format port "with~%  ~{~s~^ ~}~%" (asked-parameters one)))
  (format port "which SQLite answers so~%")
  (print-steps (asked-steps one) port)
  (newline port))

(define (print-steps steps port)
  (let print ((parent 0) (indent "  "))
    (for-each (match-lambda
                ((id (? (lambda (other) (eqv? other parent))) detail)
                 (format port "~a~a~%" indent detail)
                 (unless (eqv? id parent) (print id (string-append indent "  "))))
                (_ #t))
              steps)))
