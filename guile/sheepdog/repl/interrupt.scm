;;; interrupt.scm -- Ctrl-C in a REPL on a terminal: a fresh prompt, and no end of the program.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; What is being evaluated is left as by an error, so that a run lets its cursors and its snapshot go.
(define-module (sheepdog repl interrupt)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:export (call-with-interrupts interrupt?))

;; The key of what Guile's own REPL raises; a question does not take it for a mistake of its own.
(define (raise-interrupt signal)
  (%interrupt-taken)
  (scm-error 'signal #f "interrupted; what was asked is abandoned" '() (list signal)))

(define (interrupt? exception)
  "True where EXCEPTION is what Ctrl-C raises in what is evaluated."
  (eq? 'signal (exception-kind exception)))

(define (reading-again read)
  ;; READ, which is `repl-reader': with a fresh prompt after Ctrl-C.
  (lambda (prompt . rest)
    (let try ()
      (match (catch 'signal
               (lambda () (list (apply read prompt rest)))
               (lambda error
                 ;; With no prompt it reads what stands behind a command.
                 (if (procedure? prompt) #f (apply throw error))))
        ((form) form)
        (#f (unless (using-readline?) (newline)) (try))))))

(define (call-with-interrupts start)
  "Call START, which reads, evaluates and prints until it is told to end, so that Ctrl-C gives a fresh
prompt: what is typed, or evaluated, is left."
  (define before repl-reader)
  (define (until-it-ends)
    ;; Between reading and evaluating nobody else takes an interrupt.
    (catch 'signal start (lambda _ (newline) (until-it-ends))))
  (dynamic-wind
    (lambda ()
      (set! repl-reader (reading-again before))
      (sigaction SIGINT raise-interrupt)
      (%stop-reading-at-interrupt))
    until-it-ends
    (lambda ()
      (sigaction SIGINT SIG_DFL)
      (set! repl-reader before))))
