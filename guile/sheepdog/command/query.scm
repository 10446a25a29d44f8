;;; query.scm -- sheepdog query: a question to the store, answered as a table, JSON or CSV.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command query)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog query)
  #:use-module (sheepdog query asking limits)
  #:use-module (sheepdog query asking catalogue)
  #:use-module (sheepdog query asking elsewhere)
  #:use-module (sheepdog query explain)
  #:use-module (sheepdog query herd)
  #:use-module (sheepdog query asking library)
  #:use-module (sheepdog query asking parameter)
  #:use-module (sheepdog query asking question)
  #:use-module (sheepdog query reference)
  #:use-module (sheepdog query reference-text)
  #:use-module (sheepdog query asking requested)
  #:use-module (sheepdog query asking shown)
  #:use-module (sheepdog query asking similar)
  #:use-module (sheepdog query asking unheard)
  #:use-module (sheepdog query why)
  #:use-module (sheepdog running)
  #:use-module (sheepdog table)
  #:use-module (sheepdog time-text)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:export (main))

(define (main options)
  "List the library of questions or the relations, or explain or ask the question in OPTIONS and print its
answers; return the exit status."
  (call-as-program
   "sheepdog query"
   (lambda ()
     (let ((named (and (not (option options 'relations))
                       (and=> (requested-name options) (lambda (name) (question-named name options))))))
       (cond
        ((option options 'list) (list-library options))
        ((option options 'relations) (tell-relations options))
        ((and named (member "help" (option options 'parameters '())))
         (explain-question named)
         exit-good)
        (else
         (call-explaining-memory
          (memory-limit options)
          (lambda ()
            (parameterize ((current-moment (moment options)))
              (let ((parts (requested-parts options named)))
                (cond ((option options 'explain) (explain-and-print parts options))
                      ((option options 'why)
                       (unless (question-run? (parts->forms parts))
                         (raise-config-error #f "--why tells of the answers of a run, as \
(run* (host) (hosto host)), which this question is not"))
                       (parameterize ((reasons-wanted? #t)) (ask-and-print parts options)))
                      (else (ask-and-print parts options)))))))))))))

(define (moment options)
  "The time that OPTIONS ask about, in seconds since the epoch; #f: now."
  (match (option options 'at)
    (#f #f)
    (text
     (match (parse-since text)
       (#f (raise-config-error #f "--at: ~s is no time; as '2026-11-20 14:30', 2026-11-20, or 3d for \
three days ago" text))
       ((? (lambda (time) (> time (%now)))) (raise-config-error #f "--at: ~s is yet to come" text))
       (time time)))))

(define (explain-and-print parts options)
  "Ask the question of PARTS, and say how it was answered; return the exit status."
  (let* ((timeout (option options 'timeout default-timeout))
         (count 0)
         (end #f))
    (define-values (hint say-hints) (hints-later))
    (explain (lambda ()
               (set! end (ask parts (parts->forms parts) timeout options
                              (lambda (answer) (set! count (+ count 1)))
                              hint))))
    (force-output (current-output-port))
    (say-hints)
    (say-end end count timeout)))

(define (hints-later)
  "Return two procedures: one that takes a sentence, and one that says all of them."
  (define hints '())
  (values (lambda (sentence) (set! hints (cons sentence hints)))
          (lambda () (for-each (lambda (sentence) (say "~a" sentence)) (reverse hints)))))

(define (say template . arguments)
  (format (current-error-port) "sheepdog query: ~a~%" (apply format #f template arguments)))

;;; The library.

(define (say-faults library)
  (for-each (lambda (fault) (say "~a" fault)) (library-faults library)))

(define (list-library options)
  (let ((library (requested-library options)))
    (print-questions (library-questions library) (option options 'json))
    (force-output (current-output-port))
    (say-faults library)
    (for-each (lambda (question)
                (match (question-hidden question)
                  (#f #t)
                  (place (say "~a is that in ~a, which hides that in ~a" (question-name question)
                              (question-place question) place))))
              (library-questions library))
    (if (null? (library-faults library)) exit-good exit-usage)))

(define (question-named name options)
  "The question of the library for OPTIONS with NAME, a symbol.  Errors: &config-error."
  (let* ((library (requested-library options))
         (questions (library-questions library)))
    (or (find-question questions name)
        (begin
          (say-faults library)
          (when (find-entry (reference-entries) name)
            (raise-config-error #f "~a is no question but a part of one; sheepdog query --relations ~a \
tells how it is used" name name))
          (refuse-file (symbol->string name))
          (raise-config-error #f "there is no question called ~a~a; sheepdog query --list shows all" name
                              (did-you-mean (symbol->string name)
                                            (map (compose symbol->string question-name) questions)))))))

;;; The reference.

(define (tell-relations options)
  "Print what questions are made of, or that of it which OPTIONS name; return the exit status."
  (define own (relation-forms->entries (requested-definitions options)))
  (define groups
    (if (null? own)
        (reference-groups)
        (append (reference-groups) (list (cons "Relations of your own" own)))))
  (define entries (append-map cdr groups))
  (match (option options 'expression)
    (#f ((if (option options 'json) print-reference-json print-reference) groups))
    (text
     (let ((entry (find-entry entries (string->symbol text))))
       (cond
        ((not entry)
         (when (find-question (library-questions (requested-library options)) (string->symbol text))
           (raise-config-error #f "~a is a question; sheepdog query ~a --help tells of it" text text))
         (let ((near (near-miss text (map (compose symbol->string entry-name) entries))))
           (raise-config-error #f "there is no relation called ~a~a; sheepdog query --relations shows all"
                               text (if near (format #f ", did you mean ~a?" near) ""))))
        ((option options 'json) (print-reference-json (list (list "" entry))))
        (else (print-entry entry))))))
  (force-output (current-output-port))
  exit-good)

;;; Asking.

(define (ask-and-print parts options)
  "Ask the question of PARTS and print its answers; return the exit status."
  (let ((forms (parts->forms parts))
        (timeout (option options 'timeout default-timeout))
        (count 0))
    (define-values (print-answer print-rest)
      (make-printer forms (cond ((reasons-wanted?) 'reasons)
                                ((option options 'json) 'json)
                                ((option options 'csv) 'csv)
                                (else 'table))))
    (define-values (hint say-hints) (hints-later))
    (define (consume answer)
      (set! count (+ count 1))
      (print-answer answer))
    (call-with-values (lambda ()
                        (with-exception-handler
                            (lambda (exception)
                              (false-if-exception (print-rest #t))
                              (raise-exception exception))
                          (lambda () (ask parts forms timeout options consume hint))))
      (lambda (end store)
        (print-rest)
        (say-where-from count store options)
        (unless (or (option options 'json) (option options 'csv)) (say-hints))
        (say-end end count timeout)))))

(define (say-where-from count store options)
  "Where a person looks on, tell of COUNT answers from STORE, in words, but not among what programs read."
  (define text (format #f "~a from ~a" (format-count count "answer") store))
  (let ((data? (or (option options 'json) (option options 'csv))))
    (when (and (terminal?) (not data?))
      (format #t "~a~%" (dim text)))
    (force-output (current-output-port))
    (when (and data? (terminal?) (isatty? (current-error-port)))
      (format (current-error-port) "~a~%" (dim text)))))

(define (say-end end count timeout)
  "Say what END, see `ask-within', means of COUNT answers; return the exit status."
  (match end
    ('complete exit-good)
    ((or 'more 'maybe-more)
     (say "there ~a more than ~a; without -n all are shown"
          (if (eq? end 'more) "are" "may be") (format-count count "answer"))
     exit-good)
    ('too-long
     (say "not all was searched within ~a; found so far: ~a"
          (format-seconds timeout) (format-count count "answer"))
     exit-wrong)))

(define (ask parts forms timeout options consume hint)
  "Ask the question of PARTS, whose forms are FORMS, as OPTIONS say, within TIMEOUT: call CONSUME with
each answer, and HINT with each sentence about what was asked.  Return two values:
what the answers are, see `ask-within', and in words where they are from."
  (define limit (option options 'limit))
  (define memory (memory-limit options))
  (define (ask-here store)
    (values (call-ending-late timeout memory
                              (lambda ()
                                (ask-with-hints forms (open-herd store) limit timeout consume hint)))
            store))
  (define (ask-the-daemon)
    (let ((path (place (places-to-read options) 'ask)))
      (values (ask-daemon path (parts->sources parts) limit timeout consume hint)
              (string-append "the daemon at " path))))
  ;; The answers are kept here, whoever finds them.
  (setrlimit 'data memory memory)
  (cond
   ((option options 'daemon) (ask-the-daemon))
   ((and (not (any (lambda (name) (option options name)) '(sandbox explain why)))
         (store-denied? options))
    (ask-the-daemon))
   (else
    (let ((store (store-to-read options)))
      (if (option options 'sandbox)
          (values (ask-confined store (parts->sources parts) limit timeout memory consume hint)
                  store)
          (ask-here store))))))

;; Seconds that a question has besides its time, before its process is ended.
(define patience 2)

(define (call-ending-late timeout memory thunk)
  "Call THUNK, which ends within TIMEOUT, in seconds, by itself, unless there is so little memory left that
the collector does nothing but look for more, or waits for itself: then say so, and exit."
  (define descriptor (fileno (current-error-port)))
  (%end-after (min 4000000000 (+ patience (inexact->exact (ceiling timeout)))) descriptor
              (format #f "sheepdog query: not all was searched within ~a; the question may need more than \
~a of memory, and --max-memory SIZE gives it more~%"
                      (format-seconds timeout) (format-bytes memory)))
  (let ((value (thunk)))
    (%end-after 0 descriptor "")
    value))

(define (store-denied? options)
  "True where this user may not read the store, and the daemon that has it can be asked."
  (with-exception-handler
      (lambda (exception)
        (and (core-error? exception) (eq? 'denied (core-error-code exception))
             (answers? (place (places-to-read options) 'ask))))
    (lambda () (store-to-read options) #f)
    #:unwind? #t #:unwind-for-type &core-error))

;; Bytes that a question of one's own may take, where nothing else is said.
(define own-memory (gibibytes 1))

(define (memory-limit options)
  (match (option options 'max-memory)
    (#f (if (option options 'sandbox) default-memory own-memory))
    (text
     (match (parse-size text)
       ((? (lambda (bytes) (and bytes (>= bytes (mebibytes 64)))) bytes) bytes)
       (_ (raise-config-error #f "--max-memory: ~s is not a size of at least 64MiB, as 2GiB" text))))))

(define (call-explaining-memory memory thunk)
  "Call THUNK; where it needs more than MEMORY bytes, say so."
  (define text
    (format #f "the question needs more than ~a of memory; --max-memory SIZE gives it more"
            (format-bytes memory)))
  (define (explain . _) (raise-check-failed "~a" text))
  ;; Guile and its collector then warn on the standard error, each in its own words.
  (let ((shown (duplicate-port (current-error-port) "w0"))
        (null (open-output-file "/dev/null")))
    (fcntl shown F_SETFD FD_CLOEXEC)
    (set-port-encoding! shown "UTF-8")
    (dup2 (fileno null) 2)
    ;; Where the collector itself finds no memory nothing in Scheme hears of it.
    (%explain-abort (fileno shown) (string-append "sheepdog query: " text "\n"))
    (set-current-error-port shown)
    (current-warning-port shown)
    (catch 'out-of-memory
      (lambda () (catch 'stack-overflow thunk explain))
      explain)))
