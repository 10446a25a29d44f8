;;; requested.scm -- what the command line of sheepdog query asks: its parts, and the library.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking requested)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module (sheepdog config)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog query asking library)
  #:use-module ((sheepdog query asking shape) #:select (question-form?))
  #:use-module (sheepdog query asking similar)
  #:use-module (sheepdog query asking text)
  #:use-module (sheepdog running)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (configured-questions requested-library requested-definitions requested-name requested-parts
            refuse-file
            parts->forms parts->sources))

(define-record-type <part>
  (make-part name forms text)
  part?
  (name part-name)    ; string, for places
  (forms part-forms)  ; list of forms
  (text part-text))   ; string that they were read from; #f: they are no text as they are

(define (text->part name text)
  (make-part name (read-forms text name) text))

(define (parts->forms parts)
  "The forms of PARTS, of which the last is the question."
  (append-map part-forms parts))

(define (parts->sources parts)
  "PARTS as pairs of a name and a text, for another process."
  (map (lambda (part)
         (cons (part-name part)
               (or (part-text part)
                   (string-join (map object->string (part-forms part)) "\n"))))
       parts))

;;; What is read.

(define file-parts
  (let ((read #f))
    (lambda (options)
      "The <part>s of the options --file, in their order; standard input can be read but once."
      (unless read
        (set! read (map (lambda (path) (text->part path (read-file path))) (option options 'file '()))))
      read)))

(define (read-file path)
  (if (string=? path "-")
      (get-string-all (current-input-port))
      (catch 'system-error
        (lambda () (call-with-input-file path get-string-all #:encoding "UTF-8"))
        (lambda (key . arguments)
          (raise-config-error #f "~a: ~a" path (strerror (system-error-errno (cons key arguments))))))))

(define (without-forms wanted? part)
  "PART without the forms that are WANTED?."
  (if (any wanted? (part-forms part))
      (make-part (part-name part) (remove wanted? (part-forms part)) #f)
      part))

(define (without-questions part)
  "PART without the questions with names that it defines."
  (without-forms define-question? part))

(define (definitions part)
  "PART without all questions, for one that is asked instead."
  (without-forms question-form? (without-questions part)))

(define requested-library
  (let ((found #f))
    (lambda (options)
      "The library for OPTIONS, with what the files in them define."
      (unless found
        (set! found
              (fold (lambda (part library)
                      (library-of-forms (filter define-question? (part-forms part)) (part-name part) library))
                    (read-library (question-places (configured-questions options)))
                    (file-parts options))))
      found)))

(define (requested-definitions options)
  "The definitions of relations, forms, of the library for OPTIONS and of the files in them."
  (append (library-relations (requested-library options))
          (append-map (lambda (part) (remove define-question? (part-forms part))) (file-parts options))))

(define (configured-questions options)
  "The files and directories of questions that the configuration names: that of OPTIONS, or that of the
daemon whose store is read."
  (match (option options 'config)
    (#f (match (false-if-exception (settings-left (places-to-read options)))
          (#f '())
          (settings (settings-questions settings))))
    (path (configuration-questions (load-configuration path)))))

;;; What is asked.

(define (requested-name options)
  "The name of a question, a symbol, that OPTIONS give; #f where they give none."
  (match (option options 'expression)
    ((and text (? string?) (not "")
          (? (lambda (text)
               (string-every (char-set-adjoin char-set:letter+digit #\- #\_ #\.) text))))
     (string->symbol text))
    (_ #f)))

(define (requested-parts options named)
  "The parts of what OPTIONS ask, the question last: NAMED, of the library, or where that is #f what they
give otherwise.  Errors: &config-error."
  (let ((library (requested-library options))
        (files (file-parts options)))
    (define question
      (cond (named
             (make-part (symbol->string (question-name named))
                        (match (remove (lambda (form) (memq form (library-relations library)))
                                       (question->forms named (option options 'parameters '())))
                          ((definitions ... question)
                           (append (remove question-form? definitions) (list question))))
                        #f))
            ((option options 'expression)
             => (lambda (text) (checked-expression (text->part "QUESTION" text) library)))
            ((pair? files) (checked-question (last files)))
            (else
             (raise-config-error #f "give a question: a name, which sheepdog query --list shows, or one \
in miniKanren, as '(run* (host) (hosto host))', or -f FILE"))))
    (when (null? (part-forms question))
      (raise-config-error (part-name question)
                          "there is no question, such as (run* (host) (hosto host))"))
    (append (match (library-relations library)
              (() '())
              (relations (list (definitions (make-part "relations" relations #f)))))
            (cond ((option options 'expression) (map definitions files))
                  ((pair? files) (map without-questions (drop-right files 1)))
                  (else '()))
            (list question))))

(define (definition? form)
  (match form
    (((? symbol? name) . _) (string-prefix? "def" (symbol->string name)))
    (_ #f)))

(define (complain-no-question part)
  (raise-config-error (part-name part)
                      "there is no question at its end, such as (run* (host) (hosto host))"))

(define (refuse-file text)
  "Raise a &config-error where TEXT, given as a question, is the path of a file."
  (when (false-if-exception (file-exists? text))
    (raise-config-error #f "~a is a file and no question; did you mean sheepdog query -f ~a?" text text)))

(define (checked-expression part library)
  "PART, which was typed as a question beside LIBRARY, if it ends with one.  Errors: &config-error."
  (match (part-forms part)
    ;; Of other definitions it is told elsewhere whether the question may make them.
    ((_ ... ((or 'define-relation 'defrel 'define-question) . _)) (complain-no-question part))
    (((and words (? symbol?) (not (or 'run 'run*))) ..1) (complain-words (part-text part) words library))
    (_ part)))

(define (complain-words text words library)
  (refuse-file text)
  (raise-config-error #f "there is no question called ~s~a; sheepdog query --list shows all, and one in \
miniKanren is written as '(run* (host) (hosto host))'" text
                      (did-you-mean (string-join (map symbol->string words) "-")
                                    (map (compose symbol->string question-name) (library-questions library)))))

(define (checked-question file)
  "FILE, a <part>, as the question that its last form is.  Errors: &config-error."
  (define forms (part-forms file))
  (cond
   ((not (or (null? forms) (definition? (last forms)))) (without-questions file))
   ((find define-question? forms)
    => (match-lambda
         ((_ (name . _) . _)
          (raise-config-error (part-name file)
                              "give the name of one of its questions: sheepdog query -f ~a ~a"
                              (part-name file) name))))
   (else (complain-no-question file))))
