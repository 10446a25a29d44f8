;;; debugger.scm -- opens the debugger of a REPL where it can wait for input.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Guile's REPL opens its debugger where an error is raised.  For most errors that is inside of
;;; Guile's C code, in which a task cannot wait for what is typed next.  So here the stack is kept,
;;; the error is left, and the debugger opens then; it shows the same frames.  So it is for Geiser,
;;; which asks for error handling by the same name.  A mistake in a question is one line instead.
(define-module (sheepdog repl debugger)
  #:use-module (sheepdog repl errors)
  #:use-module (system repl debug)
  #:use-module (system repl error-handling)
  #:export (debug-after-errors!))

(define (debug-at-hand key arguments)
  ;; As Guile does it: from who raised the error to the start of the evaluation.
  (let* ((tag (and (pair? (fluid-ref %stacks)) (cdr (fluid-ref %stacks))))
         (stack (narrow-stack->vector (make-stack #t) 4 tag 0 (and tag 1))))
    (make-debug stack 0
                (call-with-output-string
                  (lambda (port)
                    (print-exception port (and (positive? (vector-length stack))
                                               (vector-ref stack 0))
                                     key arguments))))))

(define (open-debugger debug)
  (format #t "~aEntering a new prompt.  Type `,bt' for a backtrace or `,q' to continue.~%"
          (debug-error-message debug))
  ((module-ref (resolve-interface '(system repl repl)) 'start-repl) #:debug debug))

(define (handling-errors-late handling)
  ;; HANDLING, which is `call-with-error-handling', where its default is asked for.
  (lambda* (thunk #:key (on-error 'debug) (post-error 'catch) #:allow-other-keys #:rest options)
    (if (and (eq? on-error 'debug) (eq? post-error 'catch))
        (let ((debug #f))
          (handling thunk
                    #:on-error (lambda (key . arguments)
                                 (unless (memq key '(quit stack-overflow out-of-memory))
                                   (set! debug (or (error-explanation key arguments)
                                                   (debug-at-hand key arguments)))))
                    #:post-error (lambda (key . arguments)
                                   (cond
                                    ((string? debug) (format #t "~a~%" debug))
                                    (debug (open-debugger debug))
                                    (else
                                     (print-exception (current-error-port) #f key arguments)))
                                   ;; Which is no value to print.
                                   (if #f #f))))
        (apply handling thunk options))))

(define late? #f)

(define (debug-after-errors!)
  "Let the REPLs of this program, from now on, open their debugger when the error has been left."
  (unless late?
    (set! late? #t)
    (explain-errors!)
    (let ((module (resolve-module '(system repl error-handling))))
      (module-set! module 'call-with-error-handling
                   (handling-errors-late (module-ref module 'call-with-error-handling))))))
