;;; confined.scm -- the process that answers a question that is not trusted.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; It is given the request, one object of JSON, by who started it, which is trusted: "store", "timeout"
;;; in seconds, "memory" in bytes, "limit" and "moment" or null, and "sources", arrays of a name and a text, which are
;;; not.  It opens the store, confines itself, and only then reads the texts.  The time is limited here,
;;; so that what was found is told, and once more by who started it, who also limits the memory.
(define-module (sheepdog query asking confined)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module (rnrs bytevectors)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog query)
  #:use-module (sheepdog query asking limits)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query asking question)
  #:use-module (sheepdog query asking sandbox)
  #:use-module (sheepdog query asking text)
  #:use-module (sheepdog query asking unheard)
  #:use-module (sheepdog query asking wire)
  #:use-module (srfi srfi-1)
  #:export (main))

(define (main options)
  "Answer the request on standard input on standard output, and exit."
  (for-each (lambda (port) (set-port-encoding! port "UTF-8"))
            (list (current-input-port) (current-output-port)))
  (fluid-set! %default-port-encoding "UTF-8")
  (let ((request (%json->scm (get-string-all (current-input-port))))
        (output (current-output-port)))
    (define (say line)
      (put-string output line)
      (force-output output))
    ;; Nothing that is evaluated finds these.
    (parameterize ((current-input-port (%make-void-port "r"))
                   (current-output-port (%make-void-port "w"))
                   (current-error-port (%make-void-port "w"))
                   (current-warning-port (%make-void-port "w")))
      (say (with-exception-handler
               (lambda (exception) (explain exception (assoc-ref request "memory")))
             (lambda () (answer-request request say))
             #:unwind? #t)))
    ;; Whatever would put things in order at the end needs what is not allowed any more.
    (primitive-_exit 0)))

(define (answer-request request say)
  "Answer REQUEST by calling SAY with a line for each answer; return the line for the end."
  (define (ref name) (assoc-ref request name))
  (let ((herd (open-herd (ref "store")))
        (module (make-sandbox)))
    (prepare-to-be-confined herd)
    (%confine)
    (parameterize ((current-moment (match (ref "moment") ((? real? time) time) (_ #f))))
      (end->line
       (ask-with-hints (sources->forms (vector->list (ref "sources"))) herd
                       (match (ref "limit") ((? exact-integer? limit) limit) (_ #f))
                       (ref "timeout")
                       (lambda (answer) (say (answer->line answer)))
                       (lambda (sentence) (say (hint->line sentence)))
                       module)))))

(define (prepare-to-be-confined herd)
  "Let all be opened and loaded that is opened and loaded when it is first needed."
  ;; SQLite opens the write-ahead log and what it shares with the daemon.
  (run 1 (host) (hosto host))
  ;; The zone of local times.
  (localtime 0)
  ;; What makes the texts of errors.
  (exception->text (make-exception-with-message "none"))
  (object->string (list car (lambda () #t)))
  (resolve-interface '(ice-9 format))
  ;; What arrays in the text of a question are made with.
  (resolve-interface '(ice-9 arrays))
  ;; The thread that sees to it that time is over, and that of Guile's finalizers: no thread can be started
  ;; later.
  (prepare-limits!)
  (start-finalizers!))

(define (start-finalizers!)
  "Return when the thread of Guile's finalizers has run one: it opens a pipe before."
  (define guardian (make-guardian))
  (define deadline (+ (get-internal-real-time) (* 10 internal-time-units-per-second)))
  (let wait ()
    ;; A call of gc would run finalizers in this thread; so what is allocated calls for a collection.
    (guardian (make-bytevector 4000000))
    (unless (guardian)
      (when (> (get-internal-real-time) deadline)
        (error "Guile's finalizers do not run"))
      (usleep 500)
      (wait))))

(define (sources->forms sources)
  (match (append-map (match-lambda
                       (#(name text) (read-forms text name)))
                     sources)
    (() (raise-config-error #f "there is no question, such as (run* (host) (hosto host))"))
    (forms forms)))

(define (explain exception memory)
  "The line for EXCEPTION in a process that may take so many bytes of MEMORY."
  (cond
   ((memq (exception-kind exception) '(out-of-memory stack-overflow)) (memory->line memory))
   ((config-error? exception)
    (error->line (match (config-error-location exception)
                   (#f (exception-message exception))
                   (location (string-append location ": " (exception-message exception))))
                 exit-usage))
   ((core-error? exception) (error->line (exception->text exception) exit-no-connection))
   (else (error->line (exception->text exception) exit-wrong))))
