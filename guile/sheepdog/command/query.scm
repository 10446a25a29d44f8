;;; query.scm -- sheepdog query: a question to the store, answered as a table, JSON or CSV.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command query)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog query)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query question)
  #:use-module (sheepdog table)
  #:use-module (sheepdog unit)
  #:export (main))

;; Seconds that a question may take, where nothing else is said.
(define default-timeout 10)

(define (main options)
  "Ask the question in OPTIONS and print its answers; return the exit status."
  (call-as-program
   "sheepdog query"
   (lambda ()
     (let* ((forms (question options))
            (herd (open-herd (store-to-read options)))
            (timeout (option options 'timeout default-timeout)))
       (call-with-values (lambda () (ask forms herd (option options 'limit) timeout))
         (lambda (answers complete?)
           (print-answers answers forms options)
           (when (terminal?)
             (format #t "~a~%" (dim (format #f "~a from ~a"
                                            (format-count (length answers) "answer")
                                            (herd-path herd)))))
           (cond
            (complete? exit-good)
            (else
             (force-output (current-output-port))
             (format (current-error-port)
                     "sheepdog query: not all was searched within ~a; found so far: ~a~%"
                     (format-seconds timeout) (format-count (length answers) "answer"))
             exit-wrong))))))))

(define (question options)
  "The forms of the question that OPTIONS give."
  (match (cons (option options 'expression) (option options 'file))
    ((#f . #f)
     (raise-config-error #f "give a question, as '(run* (host) (hosto host))', or -f FILE"))
    ((text . #f) (call-with-input-string text (lambda (port) (read-question port "EXPR"))))
    ((#f . "-") (read-question (current-input-port) "-"))
    ((#f . file)
     (catch 'system-error
       (lambda ()
         (call-with-input-file file (lambda (port) (read-question port file))
                               #:encoding "UTF-8"))
       (lambda (key . arguments)
         (raise-config-error #f "~a: ~a" file (strerror (system-error-errno (cons key arguments)))))))))

(define (ask forms herd limit timeout)
  "The answers to the question FORMS, at most LIMIT where that is not #f, and whether these are all,
or TIMEOUT seconds were over first."
  (define answers '())
  (define (answer! answer) (set! answers (cons answer answers)))
  (define complete?
    (with-exception-handler
        (lambda (exception)
          (if (too-long? exception) #f (raise-exception exception)))
      (lambda ()
        (call-with-time-limit herd timeout (lambda () (ask-question forms limit answer!)))
        #t)
      #:unwind? #t))
  (values (reverse answers) complete?))

(define (call-with-time-limit herd seconds thunk)
  "Call THUNK; after SECONDS it is aborted, in SQL as a &core-error timeout, else by a throw of
question-too-long."
  (limit-herd! herd seconds)
  (%watch-steps seconds (lambda () (when (%step-late?) (throw 'question-too-long))))
  (dynamic-wind %step-begin thunk %step-end))

(define (too-long? exception)
  (or (eq? 'question-too-long (exception-kind exception))
      (and (core-error? exception) (eq? 'timeout (core-error-code exception)))))

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
