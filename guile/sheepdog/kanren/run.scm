;;; run.scm -- asking for answers, and what is as long as the search
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (sheepdog kanren run)
  #:use-module (sheepdog kanren goal)
  #:use-module (sheepdog kanren mistake)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog kanren reify)
  #:use-module (sheepdog kanren stream)
  #:use-module (sheepdog kanren term)
  #:export (run run* run-for-each
            at-end-of-run
            once-a-run))

;; The run in whose extent we are, so that the variables of one that is started
;; by a goal differ from its own.
(define current-run (make-thread-local-fluid #f))

;; What once-a-run keeps for the outermost run in whose extent we are: a pair of anything and an alist; #f
;; outside of runs.
(define kept (make-thread-local-fluid #f))

(define (search-for-each consume limit start)
  "Call CONSUME with each answer, at most LIMIT or all if that is #f.  START is given
the first state and returns the term to show and the stream of states."
  (check-limit limit)
  (let* ((outer (fluid-ref current-run))
         (index (if outer (run-next-index outer) 0))
         (run   (make-run index #f)))
    (define (search)
      (call-with-values
          (lambda () (start (make-state +empty-trie+ index run)))
        (lambda (term stream)
          (let-planner-see-run! run term)
          (let loop ((stream stream) (left limit))
            (unless (and left (<= left 0))
              (call-with-values (lambda () (stream-next stream))
                (lambda (state rest)
                  (when state
                    (consume (reify term state))
                    (loop rest (and left (- left 1)))))))))))
    (dynamic-wind
      (lambda () #f)
      (lambda ()
        (with-fluids ((current-run run) (kept (or (fluid-ref kept) (list 'kept)))) (search)))
      (lambda () (end-run run)))))

(define (search-answers limit start)
  "Return the list of answers, see search-for-each."
  (let ((answers '()))
    (search-for-each (lambda (answer) (set! answers (cons answer answers)))
                     limit start)
    (reverse! answers)))

(define-syntax start
  (lambda (x)
    ;; The last argument of the searches above.
    (syntax-case x ()
      ((_ name goal ...)
       (identifier? #'name)
       #'(start (name) goal ...))
      ((_ names goal ...)
       (begin
         (check-variables 'run #'names #'names)
         (with-syntax ((term (syntax-case #'names ()
                               ((name)     #'name)
                               ((name ...) #'(list name ...)))))
           #'(lambda (state)
               (with-fresh state names
                 (values term (lambda () (conjunction state goal ...)))))))))))

(define-syntax-rule (run limit names goal ...)
  "(run LIMIT (VARIABLE ...) GOAL ...): the list of the first LIMIT answers, all if
LIMIT is #f.  An answer is the value of the VARIABLE for which all GOALs hold, or the
list of the values of several, with the constraints that are left."
  (search-answers limit (start names goal ...)))

(define-syntax-rule (run* names goal ...)
  "(run* (VARIABLE ...) GOAL ...): the list of all answers, see run."
  (run #f names goal ...))

(define-syntax-rule (run-for-each consume limit names goal ...)
  "(run-for-each CONSUME LIMIT (VARIABLE ...) GOAL ...): call CONSUME with each answer
of the run, as soon as it is found."
  (search-for-each consume limit (start names goal ...)))

;;; What is as long as a run.

(define (once-a-run key make)
  "Return what the thunk MAKE returned when this was first called with KEY, anything that eq? tells apart,
in the extent of the run that we are in, of the outermost one where it is inside others; outside of runs
what it returns now."
  (let ((kept (fluid-ref kept)))
    (cond ((not kept) (make))
          ((assq key (cdr kept)) => cdr)
          (else
           (let ((value (make)))
             (set-cdr! kept (acons key value (cdr kept)))
             value)))))

(define (at-end-of-run state cleanup)
  "Let the thunk CLEANUP be called when the run that STATE belongs to is left, in
whatever way.  Return a thunk that calls it now instead, unless it has been."
  (let ((run (state-run state)))
    (unless (run-cleanups run)
      (set-run-cleanups! run (make-hash-table)))
    (let ((cleanups (run-cleanups run))
          (key      (list 'cleanup)))
      (hashq-set! cleanups key cleanup)
      (lambda ()
        (when (hashq-ref cleanups key)
          (hashq-remove! cleanups key)
          (cleanup))))))

(define (end-run run)
  "Call all cleanups of RUN that are left, even if one of them raises."
  (define table (or (run-cleanups run) (make-hash-table 1)))
  (let loop ((cleanups (hash-map->list (lambda (key cleanup) cleanup) table)))
    (set-run-cleanups! run #f)
    ;; None may be called by hand any more.
    (hash-clear! table)
    (when (pair? cleanups)
      (dynamic-wind
        (lambda () #f)
        (car cleanups)
        (lambda () (loop (cdr cleanups)))))))
