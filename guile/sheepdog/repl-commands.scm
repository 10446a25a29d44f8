;;; repl-commands.scm -- what a REPL of ours has besides Guile: commands about questions, and the library.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A command is typed with a comma in front of its name, `,help sheepdog' lists ours.  Loading this module
;;; makes them known to all REPLs of the program.
(define-module (sheepdog repl-commands)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query catalogue)
  #:use-module (sheepdog query library)
  #:use-module (sheepdog query question)
  #:use-module (sheepdog query shown)
  #:use-module (srfi srfi-1)
  #:use-module (system repl command)
  #:export (let-repls-ask! words->arguments))

(define places (question-places '()))

(define (let-repls-ask! configured module)
  "Let the REPLs know the library of the user and of CONFIGURED, a list of files and directories, and
define its relations in MODULE; what is wrong with them is printed."
  (set! places (question-places configured))
  (let ((library (read-library places)))
    (for-each print-line (library-faults library))
    (for-each (lambda (form)
                (call-saying (lambda () (eval form module))))
              (library-relations library))))

(define (print-line text) (format #t "~a~%" text))

(define (call-saying thunk)
  "Call THUNK; an error in it is one line."
  (with-exception-handler
      (lambda (exception)
        (print-line (match (and (config-error? exception) (config-error-location exception))
                      (#f (exception->text exception))
                      (place (string-append place ": " (exception->text exception))))))
    thunk
    #:unwind? #t))

(define (words->arguments words)
  "WORDS, data as `--days 7', as arguments of a question, strings as \"days=7\".  Errors: &config-error."
  (match words
    (() '())
    (((? symbol? option) value . rest)
     (let ((name (symbol->string option)))
       (unless (string-prefix? "--" name)
         (raise-config-error #f "~a stands where an option such as --days would" name))
       (cons (string-append (substring name 2) "="
                            (call-with-output-string (lambda (port) (display value port))))
             (words->arguments rest))))
    (((? symbol? option)) (raise-config-error #f "~a needs a value" option))
    ((other . _) (raise-config-error #f "~s stands where an option such as --days would" other))))

(define (question-named name)
  (let ((questions (library-questions (read-library places))))
    (or (find-question questions name)
        (let ((near (near-miss (symbol->string name)
                               (map (compose symbol->string question-name) questions))))
          (raise-config-error #f "there is no question called ~a~a; ,questions shows all" name
                              (if near (format #f ", did you mean ~a?" near) ""))))))

(define-meta-command ((questions sheepdog) repl)
  "questions
List the questions that have names."
  (call-saying (lambda () (print-questions (library-questions (read-library places)) #f))))

(define-meta-command ((ask sheepdog) repl name . options)
  "ask NAME [--OPTION VALUE] ...
Ask the question NAME of the library."
  (call-saying
   (lambda ()
     (let ((forms (question->forms (question-named name) (words->arguments options)))
           (answers '()))
       (ask-question forms #f (lambda (answer) (set! answers (cons answer answers))))
       (print-answers (reverse answers) forms)))))

(define-meta-command ((about sheepdog) repl name)
  "about NAME
Tell what the question NAME of the library asks, and its options."
  (call-saying (lambda () (explain-question (question-named name)))))
