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

;; Seconds to find out whether there is one more answer than were asked for.
(define patience-for-more 1)

(define (main options)
  "Ask the question in OPTIONS and print its answers; return the exit status."
  (call-as-program
   "sheepdog query"
   (lambda ()
     (let* ((forms (question options))
            (herd (open-herd (store-to-read options)))
            (limit (option options 'limit))
            (timeout (option options 'timeout default-timeout)))
       (call-with-values (lambda () (ask forms herd limit timeout))
         (lambda (answers end)
           (print-answers answers forms options)
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
              exit-wrong))))))))

(define (say template . arguments)
  (format (current-error-port) "sheepdog query: ~a~%" (apply format #f template arguments)))

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
  "The answers to the question FORMS, at most LIMIT where that is not #f, and what they are: `complete',
or there are `more' than LIMIT, or `maybe-more', or TIMEOUT seconds were over first, `too-long'."
  (define answers '())
  (define more? #f)
  (define (answer! answer)
    (cond ((and limit (= limit (length answers))) (set! more? #t))
          (else
           (set! answers (cons answer answers))
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
