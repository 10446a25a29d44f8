;;; completion.scm -- what TAB makes of the beginning of a name in a REPL.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Readline says no more than the word in front of the cursor, and sorts what it is given.  So what
;;; questions are made of is all that is offered where it begins so; else what Guile has.
(define-module (sheepdog repl completion)
  #:use-module (ice-9 match)
  #:use-module ((ice-9 regex) #:select (regexp-quote))
  #:use-module ((ice-9 session) #:select (apropos-internal))
  #:use-module (sheepdog query asking library)
  #:use-module (sheepdog repl commands)
  #:use-module (srfi srfi-1)
  #:use-module (system repl command)
  #:export (completions make-completer))

(define (commands)
  "The names of the commands, with the comma."
  (append-map (match-lambda
                ((group . commands)
                 (map (lambda (command) (string-append "," (symbol->string (car command)))) commands)))
              (@@ (system repl command) *command-table*)))

(define (names module)
  "The names of what MODULE has, a list of strings."
  (module-map (lambda (name variable) (symbol->string name)) module))

(define (completions text)
  "The names that begin with TEXT: of commands, where it has their comma; of relations, questions, and
what the session has defined; where there are none, of whatever Guile has."
  (define (beginning-so names)
    (delete-duplicates (filter (lambda (name) (string-prefix? text name)) names)))
  (if (string-prefix? "," text)
      (beginning-so (commands))
      (match (beginning-so (append (names (resolve-interface '(sheepdog query)))
                                   (map (compose symbol->string question-name) (questions-now))
                                   (names (current-module))))
        (() (map symbol->string (apropos-internal (string-append "^" (regexp-quote text)))))
        (ours ours))))

(define (make-completer)
  "A procedure that returns the completions of a text one by one, and then #f, as readline asks for them."
  (let ((left '()))
    (lambda (text again?)
      (unless again? (set! left (completions text)))
      (match left
        (() #f)
        ((first . rest) (set! left rest) first)))))
