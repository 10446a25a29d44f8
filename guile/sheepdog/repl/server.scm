;;; server.scm -- lets the operator talk to the living program, between its turns.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Each client has a REPL of Guile's that runs as a task: where it waits for input it suspends, so
;;; an idle one costs nothing, and what it evaluates may wait as any task may.  An evaluation that does
;;; not wait holds the whole program up, as it would in any program with one thread of Scheme, and is
;;; ended after a while.
(define-module (sheepdog repl server)
  #:use-module (ice-9 match)
  #:use-module (ice-9 suspendable-ports)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog task)
  #:export (start-repl-server make-repl-module))

(define (wait-until-ready port writable?)
  (suspend (lambda (resume)
             (let ((wait (%when-ready (fileno port) writable? (lambda () (resume (const #t))))))
               (lambda () (%stop-waiting wait))))))

(define (make-repl-module modules bindings)
  "The module (sheepdog user) for REPLs: Guile's bindings, those of MODULES (names) that are there, and BINDINGS, an
alist of symbols to values."
  (let ((module (define-module* '(sheepdog user))))
    (for-each (lambda (name)
                (let ((interface (false-if-exception (resolve-interface name))))
                  (when interface (module-use! module interface))))
              modules)
    (for-each (match-lambda ((name . value) (module-define! module name value))) bindings)
    module))

(define eval-in-c eval)

(define (eval-in-scheme form module)
  ;; Geiser evaluates with `eval', and what it evaluates may wait.
  (save-module-excursion
   (lambda ()
     (set-current-module module)
     (primitive-eval form))))

(define (set-eval! procedure)
  (module-set! the-root-module 'eval procedure))

(define clients 0)

;; Guile's own ports, and its `eval', wait in C, which no task survives; those that wait in Scheme are
;; slower, so they are there only while somebody talks.
(define (client-comes!)
  (when (zero? clients)
    (install-suspendable-ports!)
    (set-eval! eval-in-scheme))
  (set! clients (+ clients 1)))

(define (client-goes!)
  (set! clients (- clients 1))
  (when (zero? clients)
    (uninstall-suspendable-ports!)
    (set-eval! eval-in-c)))

(define (run-repl port module)
  ;; Loaded with the first client: the compiler is larger than the daemon.
  (define start-repl (module-ref (resolve-interface '(system repl repl)) 'start-repl))
  ((module-ref (resolve-interface '(sheepdog repl debugger)) 'debug-after-errors!))
  (module-use! module (resolve-interface '(sheepdog repl commands) #:select '(define-question)))
  (parameterize ((current-read-waiter (lambda (port) (wait-until-ready port #f)))
                 (current-write-waiter (lambda (port) (wait-until-ready port #t)))
                 (current-input-port port)
                 (current-output-port port)
                 (current-error-port port)
                 (current-warning-port port))
    (with-fluids ((*repl-stack* '()))
      (save-module-excursion
       (lambda ()
         (set-current-module module)
         (start-repl)
         (force-output port))))))

(define evaluation-limit 5)  ; seconds that an evaluation may hold the program without waiting

(define (make-evaluation-watch)
  "A thunk to be called about each second while an evaluation holds the program; it ends one that has
done so for too long."
  (let ((first 0) (last 0))
    (lambda ()
      (let ((now (%monotonic)))
        (when (> (- now last) 2) (set! first now))
        (set! last now)
        (when (> (- now first) (- evaluation-limit 2))
          (set! last 0)
          (error (format #f "this evaluation has held the daemon up for ~a s, and is ended"
                         evaluation-limit)))))))

(define (serve port module greet)
  (setvbuf port 'block 65536)
  (set-port-encoding! port "UTF-8")
  (set-port-conversion-strategy! port 'substitute)
  (client-comes!)
  (spawn-task
   (lambda ()
     ;; A client that goes away is no matter of the daemon's.
     (catch #t
       (lambda () (greet) (run-repl port module))
       (lambda (key . arguments) (log-debug "repl: ~a" (throw->text key arguments)))))
   #:name "repl"
   #:owner (make-evaluation-watch)
   #:on-end (lambda (task)
              (client-goes!)
              (catch #t
                (lambda () (task-value task))
                ;; It waited where no task can.
                (lambda (key . arguments)
                  (let ((text (throw->text key arguments)))
                    (log-warning "a REPL ends: ~a" text)
                    (false-if-exception (format port "~%This REPL ends: ~a~%" text)))))
              (false-if-exception (close-port port)))))

(define modules
  ;; At hand in the REPL of a daemon.
  '((sheepdog config) (sheepdog core) (sheepdog herd-state) (sheepdog kanren) (sheepdog program)
    (sheepdog query) (sheepdog service) (sheepdog store) (sheepdog task) (sheepdog unit)))

(define (open-for-questions store)
  "Open STORE, a path, for questions, and return a reader of it."
  ;; Loaded with the first client, as what it is for.
  ((module-ref (resolve-interface '(sheepdog query)) 'open-herd) store)
  (%reader-open store))

(define (say-what-is-at-hand port program store)
  (format port "This is ~a, process ~a, between its turns: `service' is what it works with~a.~%"
          program (getpid)
          (if store
              (format #f ";
the store is ~a, open for questions, and for reading as `reader'" store)
              "")))

(define (start-repl-server path program store bindings)
  "Listen on a socket at PATH for clients to whom a REPL in PROGRAM (its name) is offered, with BINDINGS,
an alist of symbols to values, and with the store at the path STORE open for questions, where it is
there.  Only the user of this program can connect.  Where that cannot be, a warning says why."
  (define reader #f)
  (define (bindings-now)
    (when (and (not reader) (file-exists? store))
      (set! reader (false-if-exception (open-for-questions store))))
    (if reader (acons 'reader reader bindings) bindings))
  (define (serve-client descriptor)
    (let ((port (fdopen descriptor "r+"))
          (module (make-repl-module modules (bindings-now))))
      (serve port module (lambda () (say-what-is-at-hand port program (and reader store))))))
  (with-exception-handler
      (lambda (exception)
        ;; All else works without it.
        (log-warning "there will be no REPL: ~a" (exception->text exception)))
    (lambda ()
      (%local-listen path
                     (lambda (descriptor)
                       (log-notice "somebody opened a REPL")
                       (serve-client descriptor))))
    #:unwind? #t #:unwind-for-type &core-error))
