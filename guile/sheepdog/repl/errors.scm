;;; errors.scm -- what a REPL says of errors: a mistake in a question is one line.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Guile's REPL opens a level of its own for each error, where the stack can be looked at.  That is as
;;; it should be for errors of programs, and too much for a slip in a question.  Its options are no
;;; public matter, so they are reached by their name; Guile 3.0.8 to 3.0.11 have them.
(define-module (sheepdog repl errors)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking check)
  #:use-module (sheepdog query asking mistake)
  #:use-module (sheepdog query asking unheard)
  #:use-module (sheepdog query user-relation)
  #:use-module (sheepdog repl interrupt)
  #:use-module (srfi srfi-1)
  #:use-module (system repl common)
  #:use-module (system repl debug)
  #:export (explain-errors-in-repls! let-errors-know-questions! explain-errors! error-explanation))

(define current-form #f) ; what is being evaluated, a datum

(define (note-form! form)
  (set! current-form (syntax->datum form))
  (check-question (list current-form)
                  (filter-map (lambda (relation)
                                (and (module-variable (current-module) (user-relation-name relation))
                                     (cons (user-relation-name relation) (user-relation-arguments relation))))
                              (user-relations))))

(define (say-unheard value)
  ;; What was asked in a question whose answers are VALUE.
  (when (and (list? value) (pair? current-form))
    (for-each (lambda (sentence) (format #t "~a~%" sentence)) (unheard (list current-form) (pair? value)))))

(define question? (const #f))

(define (let-errors-know-questions! known?)
  "Let (KNOWN? NAME) tell whether NAME, a symbol, is that of a question."
  (set! question? known?))

(define (question-alone exception)
  "What to write where a question's name was typed as if it were a value, or a relation; else #f."
  (match (cons (exception-kind exception) (exception-args exception))
    (('unbound-variable _ _ ((? question? name)) . _)
     (match current-form
       ((or (? (lambda (form) (eq? name form))) ((? (lambda (head) (eq? name head))) . _))
        (format #f "~a is a question: ,ask ~a asks it" name name))
       (_ #f)))
    (_ #f)))

(define (unbound-here? exception)
  ;; Not in a procedure that was called.
  (define (in? name form)
    (or (eq? name form)
        (and (pair? form) (or (in? name (car form)) (in? name (cdr form))))))
  (match (cons (exception-kind exception) (exception-args exception))
    (('unbound-variable _ _ (name) . _) (in? name current-form))
    (_ #f)))

(define (mistake exception)
  "What is wrong with the question that raised EXCEPTION, in one line; #f where it is another error."
  (define (with-place place text)
    ;; What was typed is in front of who typed it; what was loaded has a file.
    (if (and place (not (string-prefix? "input:" place)))
        (string-append place ": " text)
        text))
  (cond
   ((or (core-error? exception) (interrupt? exception)) (exception->text exception))
   ((question-alone exception))
   ((or (question-error? exception) (unbound-here? exception))
    (match (question-mistake exception (list current-form))
      ((place . text) (with-place place text))
      (#f #f)))
   (else #f)))

(define (debug key arguments)
  ;; As Guile does it.
  (let* ((tag (and (pair? (fluid-ref %stacks)) (cdr (fluid-ref %stacks))))
         (stack (narrow-stack->vector (make-stack #t) 4 tag 0 (and tag 1)))
         (text (call-with-output-string
                 (lambda (port)
                   (print-exception port
                                    (and (positive? (vector-length stack)) (vector-ref stack 0))
                                    key arguments)))))
    (format #t "~a~%Entering a new prompt.  Type `,bt' for a backtrace or `,q' to continue.~%" text)
    ((module-ref (resolve-interface '(system repl repl)) 'start-repl)
     #:debug (make-debug stack 0 text))))

(define (error-explanation key arguments)
  "What is wrong with the question that raised the error of KEY and ARGUMENTS, in one line; #f where it is
another error."
  (mistake (if (and (eq? key '%exception) (pair? arguments))
               (car arguments)
               (make-exception-from-throw key arguments))))

(define (on-error key . arguments)
  (let ((text (error-explanation key arguments)))
    (if text
        (format #t "~a~%" text)
        (debug key arguments))))

(define noting? #f)

(define (explain-errors!)
  "Note what the REPLs of this program evaluate, from now on, for `error-explanation'."
  (unless noting?
    (set! noting? #t)
    (add-hook! before-eval-hook note-form!)
    (add-hook! before-print-hook say-unheard)
    ;; It would warn of the same names that are said to be unbound then.
    (repl-default-option-set! 'warning-level 0)))

(define (explain-errors-in-repls!)
  "Let the REPLs of this program, from now on, say in one line what is wrong with a question."
  (explain-errors!)
  (set-car! (cdr (assq 'on-error (@@ (system repl common) repl-default-options))) on-error))
