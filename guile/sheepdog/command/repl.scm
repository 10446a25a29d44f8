;;; repl.scm -- sheepdog repl: Guile with the store at hand, or inside a living daemon.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command repl)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module ((sheepdog query) #:select (open-herd close-herd))
  #:use-module ((sheepdog query asking requested) #:select (configured-questions))
  #:use-module (sheepdog repl interrupt)
  #:use-module (sheepdog repl server)
  #:use-module ((sheepdog store) #:select (open-reader close-reader))
  #:export (main))

(define modules
  ;; At hand in the REPL, as far as they are there.
  '((sheepdog herd-state) (sheepdog kanren) (sheepdog query) (sheepdog store) (sheepdog unit)))

(define (main options)
  "Open the REPL that OPTIONS ask for; return the exit status."
  (call-as-program
   "sheepdog"
   (lambda ()
     (let ((places (places-to-read options)))
       (cond
        ((option options 'daemon) (talk (place places 'repl) "sheepdog-daemon"))
        ((option options 'queue-daemon) (talk (place places 'queue-repl) "sheepdog-queue-daemon"))
        (else (open-repl (store-to-read options) (configured-questions options))))))))

(define (open-repl path configured)
  "Open a REPL with the store at PATH at hand, and the questions and relations of CONFIGURED, a list of
files and directories; return the exit status."
  (let* ((reader (open-reader path))
         (terminal? (isatty? (current-input-port)))
         (line-editor? (and terminal? (edit-lines!)))
         (module (make-repl-module modules `((reader . ,reader))))
         (start-repl (module-ref (resolve-interface '(system repl repl)) 'start-repl)))
    (open-herd path)
    (when terminal?
      (format #t "The store is ~a, open for questions, and for reading as `reader':
  (run* (host service since) (statuso host service 'critical since))
  ,questions   ,ask broken-now   ,why broken-now   ,help sheepdog
  (read-services reader)   (select reader \"SELECT ...\")   (select-one reader \"SELECT ...\")~%~%"
              path))
    ((module-ref (resolve-interface '(sheepdog repl errors)) 'explain-errors-in-repls!))
    ((module-ref (resolve-interface '(sheepdog repl commands)) 'let-repls-ask!) configured module)
    (save-module-excursion
     (lambda ()
       (set-current-module module)
       (if terminal? (call-with-interrupts (if line-editor? (completing start-repl) start-repl)) (start-repl))))
    ;; It writes the history, with the last line.
    (when line-editor? (run-hook exit-hook))
    (close-herd)
    (close-reader reader)
    exit-good))

(define (completing thunk)
  ;; THUNK, with names completed as `completions' has it.
  (lambda ()
    ((module-ref (resolve-interface '(ice-9 readline)) 'with-readline-completion-function)
     ((module-ref (resolve-interface '(sheepdog repl completion)) 'make-completer))
     thunk)))

(define (edit-lines!)
  "Let lines be edited as readline does, with a history of our own and names completed; return #f where
Guile has no such module, which may not be installed."
  (false-if-exception
   (let ((activate (module-ref (resolve-interface '(ice-9 readline)) 'activate-readline)))
     (unless (getenv "GUILE_HISTORY")
       (setenv "GUILE_HISTORY" (in-vicinity (or (getenv "HOME") ".") ".sheepdog_history")))
     (activate)
     ;; Behind a command there may be more lines.
     ((module-ref (resolve-interface '(ice-9 readline)) 'set-readline-prompt!) "... " "... ")
     ;; At each prompt all lines up to it, whatever ends us later.
     (let ((write-history (module-ref (resolve-interface '(ice-9 readline)) 'write-history)))
       (add-hook! before-read-hook (lambda () (write-history (getenv "GUILE_HISTORY")))))
     #t)))

(define (talk path program)
  (define (fail words)
    (format (current-error-port) "sheepdog: ~a; ~a~%" words
            (if (and (file-exists? path) (not (access? path W_OK)))
                (format #f "only the user of ~a and root may talk to it" program)
                (format #f "does ~a run with this state directory?" program)))
    exit-no-connection)
  (with-exception-handler
      (lambda (exception) (fail (exception->text exception)))
    (lambda ()
      (let ((server (fdopen (%local-connect path) "r+0")))
        (fcntl server F_SETFL (logand (lognot O_NONBLOCK) (fcntl server F_GETFL)))
        (catch 'system-error
          (lambda () (exchange server) exit-good)
          (lambda (key . arguments)
            (fail (format #f "~a: ~a" path
                          (strerror (system-error-errno (cons key arguments)))))))))
    #:unwind? #t #:unwind-for-type &core-error))

(define (exchange server)
  ;; Until the daemon ends the conversation; our end of input is told to it.
  (define input (current-input-port))
  (define output (current-output-port))
  (define (copy from to)
    (match (get-bytevector-some from)
      ((? eof-object?) #f)
      (bytes (put-bytevector to bytes) (force-output to) #t)))
  (let loop ((from (list input server)))
    (match (select from '() '())
      ((ready _ _)
       (cond
        ((memq server ready) (when (copy server output) (loop from)))
        ((copy input server) (loop from))
        (else (shutdown server 1) (loop (list server))))))))
