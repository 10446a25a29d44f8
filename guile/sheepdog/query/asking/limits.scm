;;; limits.scm -- a question asked within limits of number and time.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking limits)
  #:use-module (ice-9 exceptions)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query asking question)
  #:export (default-timeout prepare-limits! ask-within call-within))

;; Seconds that a question may take, where nothing else is said.
(define default-timeout 10)

;; Seconds to find out whether there is one more answer than were asked for.
(define patience-for-more 1)

(define* (ask-within forms herd limit timeout consume #:optional (module (make-question-module)))
  "Ask the question FORMS of HERD in MODULE: call CONSUME with each answer as it is found, at most LIMIT
where that is not #f.  Return what these are: `complete'; or there are `more' than LIMIT; or `maybe-more';
or TIMEOUT seconds were over first, `too-long'.  Errors: as of `ask-question'."
  (define found 0)
  (define more? #f)
  (define (answer! answer)
    (cond ((and limit (= limit found)) (set! more? #t))
          (else
           (set! found (+ found 1))
           (consume answer)
           (when (and limit (= limit found))
             (limit-time herd (min timeout patience-for-more))))))
  (define in-time?
    (call-within herd timeout
                 (lambda ()
                   ;; One more than are wanted tells whether there are more.
                   (ask-question forms (and limit (+ limit 1)) answer! module)
                   #t)
                 (const #f)))
  (cond (more? 'more)
        (in-time? 'complete)
        ((and limit (= limit found)) 'maybe-more)
        (else 'too-long)))

(define (call-within herd seconds thunk late)
  "What THUNK returns, which may ask HERD; or where SECONDS are over first what LATE does, a thunk."
  (with-exception-handler
      (lambda (exception)
        (if (too-long? exception) (late) (raise-exception exception)))
    (lambda ()
      (dynamic-wind
        (lambda () (limit-time herd seconds))
        (lambda ()
          (with-exception-handler
              ;; Nor is it late from now on: what end-late-step threw while this exception is on its way
              ;; out would not meet the handler above.
              (lambda (exception)
                (%step-end)
                (raise-exception exception))
            thunk))
        %step-end))
    #:unwind? #t))

(define (limit-time herd seconds)
  "From now on the question may take SECONDS: then it is aborted, in SQL as a &core-error timeout, else
by a throw of question-too-long."
  (limit-herd! herd seconds)
  (%watch-steps seconds end-late-step)
  (%step-begin))

(define (end-late-step)
  (when (%step-late?) (throw 'question-too-long)))

(define (prepare-limits!)
  "Start what sees to it that a question does not take too long; it is started once."
  (%watch-steps default-timeout end-late-step)
  (%step-begin)
  (%step-end))

(define (too-long? exception)
  (or (eq? 'question-too-long (exception-kind exception))
      (and (core-error? exception) (eq? 'timeout (core-error-code exception)))))
