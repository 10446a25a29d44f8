;;; library.scm -- questions that have names: found in files, asked with options of their own.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A file has questions, and the relations that they use:
;;;
;;;   (define-question (kernels (host host any "Only of this host."))
;;;     "Which kernel runs on each host?"
;;;     (run* (host kernel) (facto host 'host.kernel kernel)))
;;;
;;; The parameters, see parameter.scm, have their values in the run; one that may be any is a variable
;;; there, and may be one of those that are asked for.  All of this is read, and nothing is evaluated.
(define-module (sheepdog query asking library)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (sheepdog plugin-loader)
  #:use-module (sheepdog query asking parameter)
  #:use-module ((sheepdog query asking text) #:prefix asking:)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (read-library questions-fault library-questions library-relations library-faults
            library-of-forms find-question question-places
            question-name question-doc question-parameters question-place question-hidden
            define-question? question->forms option-names-taken))

(define-immutable-record-type <question>
  (make-question name doc parameters form definitions place hidden)
  question?
  (name question-name)                ; symbol
  (doc question-doc)                  ; string
  (parameters question-parameters)    ; list of <parameter>
  (form question-form)                ; (run* VARIABLES GOAL ...)
  (definitions question-definitions)  ; list of forms: the relations of its file
  (place question-place)              ; string: "file:line:column"
  (hidden question-hidden))           ; string: the place of the one before with this name; or #f

(define-immutable-record-type <library>
  (make-library questions relations faults)
  library?
  (questions library-questions)  ; list of <question>, in the order of their names
  (relations library-relations)  ; list of forms: definitions for whatever is asked
  (faults library-faults))       ; list of strings: what could not be read, and why

;;; Where they are.

(define (installed-directory)
  (and prefix-directory (in-vicinity prefix-directory "share/sheepdog/questions")))

(define (own-questions-directory)
  "The directory of the user's own questions; #f where there is no home."
  (let ((given (lambda (name) (match (getenv name) ((or #f "") #f) (value value)))))
    (cond ((given "XDG_CONFIG_HOME") => (lambda (home) (in-vicinity home "sheepdog/questions")))
          ((given "HOME") => (lambda (home) (in-vicinity home ".config/sheepdog/questions")))
          (else #f))))

(define (question-places configured)
  "The files and directories where questions are, the installed ones, those of the list CONFIGURED and
the user's own, as far as they are there."
  (append (filter identity (list (installed-directory)))
          configured
          (filter (lambda (directory) (and directory (file-exists? directory)))
                  (list (own-questions-directory)))))

(define (files place)
  "The files that PLACE, a file or a directory, stands for, in alphabetical order.
Errors: &config-error."
  (match (stat place #f)
    (#f (raise-config-error place "there is no such file or directory"))
    (info
     (if (eq? 'directory (stat:type info))
         (map (lambda (name) (in-vicinity place name))
              (or (scandir place (lambda (name)
                                   (and (string-suffix? ".scm" name)
                                        (not (string-prefix? "." name)))))
                  (raise-config-error place "this directory cannot be read")))
         (list place)))))

;;; Reading.

(define (read-forms path)
  (let ((fault (code-file-fault path)))
    (when fault (raise-config-error path "~a" fault)))
  (with-exception-handler
      (lambda (exception)
        (if (config-error? exception)
            (raise-exception exception)
            (let ((text (exception->text exception)))
              (raise-config-error #f "~a" (if (string-prefix? path text)
                                              text
                                              (string-append path ": " text))))))
    (lambda ()
      (asking:read-forms (call-with-input-file path get-string-all #:encoding "UTF-8") path))
    #:unwind? #t))

(define (define-question? form)
  "True where FORM, a datum, defines a question."
  (and (pair? form) (eq? 'define-question (car form))))

(define option-names-taken
  ;; Names of options that sheepdog query has itself.
  '(list relations file json csv limit timeout at explain why sandbox daemon max-memory config
    state-dir help))

(define (read-question form definitions path)
  "The <question> that FORM, a datum of the file PATH, defines."
  (define place (or (source-location (source-properties form)) path))
  (define (wrong template . arguments)
    (apply raise-config-error place template arguments))
  (define (check-parameters name parameters)
    (for-each (lambda (parameter)
                (when (memq parameter option-names-taken)
                  (wrong "question ~a: no parameter can be called ~a, since sheepdog query has an \
option of that name" name parameter)))
              parameters)
    (let ((twice (find (lambda (parameter) (> (count (lambda (other) (eq? other parameter)) parameters) 1))
                       parameters)))
      (when twice (wrong "question ~a: it has two parameters ~a" name twice))))
  (match form
    (('define-question ((? symbol? name) parameters ...) (? string? doc)
       (and run ('run* (or (? symbol?) ((? symbol?) ..1)) _ ..1)))
     (let ((parameters (map (lambda (parameter) (read-parameter parameter place)) parameters)))
       (check-parameters name (map parameter-name parameters))
       (make-question name doc parameters run definitions place #f)))
    (('define-question ((? symbol? name) . _) (? string?) . _)
     (wrong "question ~a: what is asked must be one (run* (VARIABLE ...) GOAL ...)" name))
    (('define-question ((? symbol? name) . _) . _)
     (wrong "question ~a: a string that says what it asks comes after its parameters" name))
    (_ (wrong "a question is written (define-question (NAME PARAMETER ...) \"What it asks.\" \
(run* (VARIABLE ...) GOAL ...))"))))

(define (forms->questions forms path)
  (define definitions (remove define-question? forms))
  (let ((questions (map (lambda (form) (read-question form definitions path))
                        (filter define-question? forms))))
    (let loop ((rest questions))
      (match rest
        (() questions)
        ((first . rest)
         (when (find-question rest (question-name first))
           (raise-config-error (question-place first) "question ~a: this file defines it twice"
                               (question-name first)))
         (loop rest))))))

(define (find-question questions name)
  "The one of QUESTIONS, a list, with NAME, a symbol; or #f."
  (find (lambda (question) (eq? name (question-name question))) questions))

(define* (library-of-forms forms path #:optional (library (make-library '() '() '())))
  "LIBRARY with what FORMS, of the file PATH, define: of two questions with the same name, theirs.
Errors: &config-error with the place in the file."
  (define (noting-hidden question)
    (set-field question (question-hidden)
               (match (find-question (library-questions library) (question-name question))
                 (#f #f)
                 ;; A file may be named twice, and hides nothing then.
                 ((= question-place place) (and (not (equal? place (question-place question))) place)))))
  (let ((questions (map noting-hidden (forms->questions forms path))))
    (make-library (sort (append questions
                                (remove (lambda (old) (find-question questions (question-name old)))
                                        (library-questions library)))
                        (lambda (a b)
                          (string<? (symbol->string (question-name a))
                                    (symbol->string (question-name b)))))
                  (append (library-relations library) (remove define-question? forms))
                  (library-faults library))))

(define (read-library places)
  "The library of PLACES, files and directories: of two questions with the same name that of the later
one.  Its relations are those of all but the installed files, whose are their own."
  (define (add-fault library exception)
    (set-field library (library-faults)
               (append (library-faults library)
                       (list (match (config-error-location exception)
                               (#f (exception-message exception))
                               (location (string-append location ": "
                                                        (exception-message exception))))))))
  (define (guarded library thunk)
    (with-exception-handler (lambda (exception) (add-fault library exception))
      thunk
      #:unwind? #t #:unwind-for-type &config-error))
  (define (add place library)
    (define installed? (equal? place (installed-directory)))
    (guarded library
             (lambda ()
               (fold (lambda (path library)
                       (guarded library
                                (lambda ()
                                  (let ((new (library-of-forms (read-forms path) path library)))
                                    (if installed?
                                        (set-field new (library-relations) (library-relations library))
                                        new)))))
                     library (files place)))))
  (fold add (make-library '() '() '()) places))

(define (questions-fault places)
  "What is wrong with the questions in PLACES, files and directories: the first fault, a string, or #f."
  (match (library-faults (read-library places))
    (() #f)
    ((fault . _) fault)))

;;; Asking.

(define (given-values question arguments)
  "An alist of the parameters of QUESTION that ARGUMENTS, strings as \"days=7\", give or that have
defaults to their values.  Errors: &config-error."
  (define name (question-name question))
  (define parameters (question-parameters question))
  (define (wrong template . rest)
    (raise-config-error #f "~a: ~a; see sheepdog query ~a --help" name
                        (apply format #f template rest) name))
  (define (find-parameter text)
    (find (lambda (parameter) (string=? text (symbol->string (parameter-name parameter)))) parameters))
  (define (complain-about-option text)
    (define own (map (compose symbol->string parameter-name) parameters))
    (define others
      ;; Any two short names are near to each other.
      (filter (lambda (name) (positive? (string-prefix-length text name)))
              (map symbol->string option-names-taken)))
    (wrong "it has no option --~a~a~a" text
           (match (near-miss text (append own others))
             (#f "")
             (near (format #f " (did you mean --~a?)" near)))
           (if (null? own)
               ""
               (format #f "; it has ~a"
                       (string-join (map (lambda (name) (string-append "--" name)) own) ", ")))))
  (define given
    (map (lambda (argument)
           (let* ((end (string-index argument #\=))
                  (parameter (find-parameter (substring argument 0 end))))
             (unless parameter
               (complain-about-option (substring argument 0 end)))
             (cons parameter (parameter-value parameter (substring argument (+ end 1)) wrong))))
         arguments))
  (filter-map
   (lambda (parameter)
     (match (or (assq parameter (reverse given)) (parameter-default parameter))
       ((_ . value) (cons (parameter-name parameter) value))
       (#f (wrong "~a is missing, ~a" (parameter-usage parameter) (parameter-right parameter)))
       ('any #f)
       (text (cons (parameter-name parameter) (parameter-value parameter text)))))
   parameters))

(define (question->forms question arguments)
  "The forms that ask QUESTION with ARGUMENTS, strings as \"days=7\": the definitions of its file, and
last the question.  Errors: &config-error."
  (let ((values (given-values question arguments)))
    (match (question-form question)
      ((and form ('run* variables goals ...))
       (define (asked-for? name)
         (if (list? variables) (memq name variables) (eq? name variables)))
       (let* ((inner (filter (compose asked-for? car) values))
              (outer (remove (compose asked-for? car) values))
              (free (filter (lambda (name) (not (or (asked-for? name) (assq name values))))
                            (map parameter-name (question-parameters question))))
              (run `(run* ,variables
                      ,@(map (match-lambda ((name . value) `(== ,name ,value))) inner)
                      ,@(if (null? free) goals `((fresh ,free ,@goals))))))
         (set-source-properties! run (source-properties form))
         (append (question-definitions question)
                 (list (if (null? outer)
                           run
                           `(let ,(map (match-lambda ((name . value) (list name value))) outer)
                              ,run)))))))))
