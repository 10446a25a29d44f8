;;; query.scm -- sheepdog query: a question to the store, answered as a table, JSON or CSV.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command query)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog query)
  #:use-module (sheepdog query catalogue)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query library)
  #:use-module (sheepdog query question)
  #:use-module (sheepdog running)
  #:use-module (sheepdog table)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:export (main))

;; Seconds that a question may take, where nothing else is said.
(define default-timeout 10)

;; Seconds to find out whether there is one more answer than were asked for.
(define patience-for-more 1)

(define (main options)
  "List the library of questions, or explain or ask the question in OPTIONS and print its answers; return
the exit status."
  (call-as-program
   "sheepdog query"
   (lambda ()
     (cond
      ((option options 'list) (list-library options))
      ((named-question options)
       => (lambda (named)
            (if (member "help" (option options 'parameters '()))
                (begin (explain-question named) exit-good)
                (ask-and-print (delete-duplicates
                                (append (own-relations options)
                                        (question->forms named (option options 'parameters '())))
                                eq?)
                               options))))
      (else (ask-and-print (append (own-relations options) (question options)) options))))))

(define (ask-and-print forms options)
  "Ask the question FORMS and print its answers; return the exit status."
  (let* ((herd (open-herd (store-to-read options)))
         (limit (option options 'limit))
         (timeout (option options 'timeout default-timeout))
         ;; Programs are told each as it is found.
         (print-early (and (option options 'json) (early-printer forms))))
    (call-with-values (lambda () (ask forms herd limit timeout (or print-early (const #t))))
      (lambda (answers end)
        (unless print-early (print-answers answers forms options))
        (when (terminal?)
          (format #t "~a~%" (dim (format #f "~a from ~a"
                                         (format-count (length answers) "answer")
                                         (herd-path herd)))))
        (force-output (current-output-port))
        (match end
          ('complete exit-good)
          ((or 'more 'maybe-more)
           (say "there ~a more than ~a; without -n all are shown"
                (if (eq? end 'more) "are" "may be") (format-count limit "answer"))
           exit-good)
          ('too-long
           (say "not all was searched within ~a; found so far: ~a"
                (format-seconds timeout) (format-count (length answers) "answer"))
           exit-wrong))))))

(define (say template . arguments)
  (format (current-error-port) "sheepdog query: ~a~%" (apply format #f template arguments)))

;;; What is asked.

(define (read-file path)
  "The forms of the file PATH, or of standard input where it is \"-\"."
  (if (string=? path "-")
      (read-forms (current-input-port) "-")
      (catch 'system-error
        (lambda ()
          (call-with-input-file path (lambda (port) (read-forms port path)) #:encoding "UTF-8"))
        (lambda (key . arguments)
          (raise-config-error #f "~a: ~a" path (strerror (system-error-errno (cons key arguments))))))))

(define forms-of-file
  ;; Of the option --file; standard input can be read but once.
  (let ((read #f))
    (lambda (options)
      (match (option options 'file)
        (#f '())
        (path
         (unless read (set! read (read-file path)))
         read)))))

(define library
  (let ((found #f))
    (lambda (options)
      "The library, with what the file in OPTIONS defines."
      (unless found
        (set! found
              (let ((base (read-library (question-places (configured-questions options)))))
                (match (option options 'file)
                  (#f base)
                  (path (library-of-forms (filter define-question? (forms-of-file options)) path
                                          base))))))
      found)))

(define (configured-questions options)
  "The files and directories of questions that the configuration names: that of OPTIONS, or that of the
daemon whose store is read."
  (match (option options 'config)
    (#f (match (false-if-exception (settings-left (places-to-read options)))
          (#f '())
          (settings (settings-questions settings))))
    (path (configuration-questions (load-configuration path)))))

(define (own-relations options)
  "The definitions of the library, and of the file in OPTIONS where the question is given beside it."
  (append (library-relations (library options))
          (if (option options 'expression)
              (remove define-question? (forms-of-file options))
              '())))

(define (question-name? text)
  (string-every (char-set-adjoin char-set:letter+digit #\- #\_ #\.) text))

(define (named-question options)
  "The question of the library whose name OPTIONS give; #f where they give something else."
  (match (option options 'expression)
    ((and text (? string?) (not "") (? question-name?))
     (or (find-question (library-questions (library options)) (string->symbol text))
         (complain-about-name text (library options))))
    (_ #f)))

(define (say-faults library)
  (for-each (lambda (fault) (say "~a" fault)) (library-faults library)))

(define (list-library options)
  (print-questions (library-questions (library options)) (option options 'json))
  (force-output (current-output-port))
  (say-faults (library options))
  (if (null? (library-faults (library options))) exit-good exit-usage))

(define (complain-about-name text library)
  (let ((near (near-miss text (map (compose symbol->string question-name)
                                   (library-questions library)))))
    (say-faults library)
    (raise-config-error #f "there is no question called ~a~a; sheepdog query --list shows all" text
                        (if near (format #f ", did you mean ~a?" near) ""))))

(define (question options)
  "The forms of the question that OPTIONS give, without a name."
  (match (cons (option options 'expression) (option options 'file))
    ((#f . #f)
     (raise-config-error #f "give a question: a name, which sheepdog query --list shows, or one in \
miniKanren, as '(run* (host) (hosto host))', or -f FILE"))
    (((? string? text) . _) (call-with-input-string text (lambda (port) (read-question port "QUESTION"))))
    ((#f . path)
     (let ((forms (forms-of-file options)))
       (cond
        ((not (or (null? forms) (definition? (last forms))))
         (remove define-question? forms))
        ((find define-question? forms)
         => (match-lambda
              ((_ (name . _) . _)
               (raise-config-error path "give the name of one of its questions: sheepdog query -f ~a ~a"
                                   path name))))
        (else
         (raise-config-error path "its last form is no question, such as (run* (host) (hosto host))")))))))

(define (definition? form)
  (match form
    (((? symbol? name) . _) (string-prefix? "def" (symbol->string name)))
    (_ #f)))

;;; Asking.

(define (ask forms herd limit timeout consume)
  "The answers to the question FORMS, at most LIMIT where that is not #f, and what they are: `complete',
or there are `more' than LIMIT, or `maybe-more', or TIMEOUT seconds were over first, `too-long'.  CONSUME
is called with each as it is found."
  (define answers '())
  (define more? #f)
  (define (answer! answer)
    (cond ((and limit (= limit (length answers))) (set! more? #t))
          (else
           (set! answers (cons answer answers))
           (consume answer)
           (when (and limit (= limit (length answers)))
             (limit-time herd (min timeout patience-for-more))))))
  (define in-time?
    (with-exception-handler
        (lambda (exception)
          (if (too-long? exception) #f (raise-exception exception)))
      (lambda ()
        (dynamic-wind
          (lambda () (limit-time herd timeout))
          ;; One more than are wanted tells whether there are more.
          (lambda () (ask-question forms (and limit (+ limit 1)) answer!))
          %step-end)
        #t)
      #:unwind? #t))
  (values (reverse answers)
          (cond (more? 'more)
                (in-time? 'complete)
                ((and limit (= limit (length answers))) 'maybe-more)
                (else 'too-long))))

(define (limit-time herd seconds)
  "From now on the question may take SECONDS: then it is aborted, in SQL as a &core-error timeout, else
by a throw of question-too-long."
  (limit-herd! herd seconds)
  (%watch-steps seconds (lambda () (when (%step-late?) (throw 'question-too-long))))
  (%step-begin))

(define (too-long? exception)
  (or (eq? 'question-too-long (exception-kind exception))
      (and (core-error? exception) (eq? 'timeout (core-error-code exception)))))

;;; Printing.

(define (early-printer forms)
  "What prints an answer to the question FORMS as JSON when it is found; #f where that must wait."
  (let ((variables (and (question-run? forms) (question-variables forms))))
    (and variables
         (lambda (answer)
           (match (answer->row answer (length variables))
             ((row) (print-json-row row))
             ((row . constraints) (print-json-row (append row (list constraints))))
             (#f (print-json-row (list answer))))
           (force-output (current-output-port))))))

(define (print-answers answers forms options)
  (call-with-values (lambda () (answers->rows answers (question-variables forms)))
    (lambda (rows headings)
      (cond
       ((option options 'json) (for-each print-json-row rows))
       ((option options 'csv) (print-csv headings rows))
       (else (print-table headings (readable-times rows headings forms)))))))

(define (readable-times rows headings forms)
  "ROWS with the times that FORMS tell of as people read them."
  (let* ((times (question-time-variables forms))
         (time? (map (lambda (heading) (memq heading times)) headings)))
    (map (lambda (row)
           (map (lambda (cell time?) (if (and time? (real? cell)) (format-time cell) cell))
                row time?))
         rows)))
