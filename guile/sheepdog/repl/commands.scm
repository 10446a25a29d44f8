;;; commands.scm -- what a REPL of ours has besides Guile: commands about questions, and the library.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A command is typed with a comma in front of its name, `,help sheepdog' lists ours.  Loading this module
;;; makes them known to all REPLs of the program.
(define-module (sheepdog repl commands)
  #:use-module ((ice-9 format) #:select (format))
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking catalogue)
  #:use-module (sheepdog query explain)
  #:use-module (sheepdog query asking library)
  #:use-module (sheepdog query asking parameter)
  #:use-module (sheepdog query asking question)
  #:use-module (sheepdog query reference)
  #:use-module (sheepdog query reference-text)
  #:use-module (sheepdog query asking shown)
  #:use-module (sheepdog query asking similar)
  #:use-module (sheepdog query asking unheard)
  #:use-module (sheepdog query why)
  #:use-module (sheepdog repl arguments)
  #:use-module (sheepdog repl errors)
  #:use-module (sheepdog repl session)
  #:use-module (srfi srfi-1)
  #:export (let-repls-ask! questions-now define-question))

(define places (question-places '()))

(define (let-repls-ask! configured module)
  "Let the REPLs know the library of the user and of CONFIGURED, a list of files and directories, and
define its relations, and define-question, in MODULE; what is wrong with them is printed."
  (module-use! module (resolve-interface '(sheepdog repl commands) #:select '(define-question)))
  (set! places (question-places configured))
  (let ((library (read-library places)))
    (for-each print-line (library-faults library))
    (for-each (lambda (form)
                (call-saying (lambda () (eval form module))))
              (library-relations library))))

(define (questions-now)
  "The questions of the library, and of this session."
  (library-questions (with-session-questions (read-library places))))

(let-errors-know-questions! (lambda (name) (find-question (questions-now) name)))

(define (print-line text) (format #t "~a~%" text))

(define (call-saying thunk)
  "Call THUNK; an error in it is one line."
  (with-exception-handler
      (lambda (exception)
        (print-line (match (and (config-error? exception) (config-error-location exception))
                      ;; What was typed is in front of who typed it.
                      ((or #f (? (lambda (place)
                                   (any (lambda (typed) (string-prefix? typed place))
                                        '("input:" "this session")))))
                       (exception->text exception))
                      (place (string-append place ": " (exception->text exception))))))
    thunk
    #:unwind? #t))

(define (words->arguments question words)
  "WORDS, data as `--days 7' or `--days=7', as arguments of QUESTION, strings as \"days=7\".
Errors: &config-error."
  (define (argument name value rest)
    (cons (string-append name "=" (call-with-output-string (lambda (port) (display value port))))
          (words->arguments question rest)))
  (match words
    (() '())
    ((option . rest)
     (unless (and (symbol? option) (string-prefix? "--" (symbol->string option)))
       (raise-config-error #f "~s stands where an option such as --days would" option))
     (let* ((text (substring (symbol->string option) 2))
            (equals (string-index text #\=))
            (name (substring text 0 (or equals (string-length text)))))
       (check-option question (string->symbol name))
       (match rest
         ;; A text in quotation marks is another datum to Scheme.
         ((? (lambda _ (and equals (< (+ equals 1) (string-length text)))))
          (argument name (substring text (+ equals 1)) rest))
         (() (raise-config-error #f "--~a needs a value" name))
         ((value . rest) (argument name value rest)))))))

(define (check-option question name)
  "Complain where NAME, a symbol, is no option of QUESTION's own."
  (define own (map parameter-name (question-parameters question)))
  (unless (memq name own)
    (let ((near (near-miss (symbol->string name) (map symbol->string own))))
      (raise-config-error
       #f "~a~a"
       (if (memq name option-names-taken)
           (format #f "--~a is an option of the command line, and has no meaning here" name)
           (format #f "~a has no option --~a~a" (question-name question) name
                   (if near (format #f "; did you mean --~a?" near) "")))
       (cond (near "")
             ((null? own) (format #f "; ~a has no options of its own" (question-name question)))
             (else (format #f "; ~a has ~{--~a~^, ~}" (question-name question) own)))))))

(define (question-named name)
  (let ((questions (questions-now)))
    (cond ((find-question questions name))
          ((find-entry (entries-now) name)
           (raise-config-error #f "~a is no question, but may be part of one; ,about ~a shows how" name name))
          (else (complain-unknown "question" name (map question-name questions))))))

(define (entries-now)
  (append (session-entries) (reference-entries)))

(define (complain-unknown kind name known)
  (raise-config-error #f "there is no ~a called ~a~a; ,questions shows all questions" kind name
                      (did-you-mean (symbol->string name) (map symbol->string known))))

(define-syntax-rule (define-question . rest)
  "(define-question (NAME PARAMETER ...) \"What it asks.\" (run* (VARIABLE ...) GOAL ...)): let the REPLs
know the question NAME, as one of a file."
  (remember-question 'rest))

(define (remember-question rest)
  (call-saying
   (lambda ()
     (let ((name (question-name (add-session-question! (cons 'define-question rest)))))
       (print-line (format #f "~a is a question of this session: ,ask ~a asks it" name name)))))
  (if #f #f))

(define-command (questions)
  "questions
List the questions that have names."
  (call-saying (lambda () (print-questions (questions-now) #f))))

(define (call-with-answers proc question options)
  "Ask QUESTION, a form, or the name of one of the library with OPTIONS, data; call PROC with its answers and
forms.  An error is one line."
  (call-saying
   (lambda ()
     (let* ((named (and (symbol? question) (question-named question)))
            (forms (if named
                       (question->forms named (words->arguments named options))
                       (list question)))
            (answers '()))
       (ask-question forms #f (lambda (answer) (set! answers (cons answer answers)))
                     (if (and named (not (session-question? named)))
                         (make-question-module)
                         (current-module)))
       (proc (reverse answers) forms)
       (for-each print-line (unheard forms (pair? answers)))))))

(define-command (ask question . options)
  "ask NAME [--OPTION VALUE] ... | ask (run* ...)
Ask the question NAME of the library, or the one in parentheses, and show the answers as a table."
  (call-with-answers print-answers question options))

(define-command (why question . options)
  "why NAME [--OPTION VALUE] ... | why (run* ...)
The same; below each answer show the rows of the store that make it true."
  (parameterize ((reasons-wanted? #t))
    (call-with-answers (lambda (answers forms)
                         (if (question-run? forms)
                             (for-each (lambda (answer) (print-with-reasons answer forms)) answers)
                             (print-line "only a run, as (run* (host) (hosto host)), has reasons")))
                       question options)))

(define-command (explain question . options)
  "explain NAME [--OPTION VALUE] ... | explain (run* ...)
The same; instead of the answers show which part the store was asked, how, and what was searched for."
  (explain (lambda () (call-with-answers (const #t) question options))))

(define-command (about name)
  "about NAME
Tell what the question NAME asks, and its options; or what the relation NAME, or its like, means, with an
example."
  (call-saying
   (lambda ()
     (let ((entry (find-entry (entries-now) name)))
       (cond ((not (symbol? name))
              (raise-config-error #f "~s is no name of a relation or question" name))
             (entry (print-entry entry))
             ((find-question (questions-now) name)
              => (lambda (question) (explain-question question #:repl? #t)))
             (else
              (complain-unknown "relation or question" name
                                (append (map question-name (questions-now))
                                        (map entry-name (entries-now))))))))))
