;;; command.scm -- run a command and wait for it, as a task does.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog task)
  #:use-module (srfi srfi-9 gnu)
  #:export (run-command
            command-result-exit command-result-signal command-result-output
            command-result-error command-result-seconds command-succeeded?))

(define-immutable-record-type <command-result>
  (make-command-result exit signal output error seconds)
  command-result?
  (exit command-result-exit)        ; exit status, or #f where a signal ended it
  (signal command-result-signal)    ; number, or #f
  (output command-result-output)    ; string: the beginning and the end of standard output
  (error command-result-error)      ; string: likewise of standard error
  (seconds command-result-seconds)) ; how long it ran

(define (command-succeeded? result)
  "True where the command of RESULT exited with 0."
  (eqv? 0 (command-result-exit result)))

(define (run-command program . arguments)
  "Run PROGRAM, searched in PATH, with ARGUMENTS (strings) and no shell; wait until it is over and
return a <command-result>.  Keywords among the arguments: #:input STRING for its standard input,
#:timeout SECONDS (60; then it and its group are ended), #:limit BYTES of each output that are kept
(65536), #:environment LIST of \"NAME=VALUE\" instead of ours.
Errors: &check-failed where it could not be started or was not over in time."
  (let collect ((rest arguments) (argv (list program)) (input #f) (timeout 60) (limit 65536)
                (environment #f))
    (match rest
      ((#:input value . more) (collect more argv value timeout limit environment))
      ((#:timeout value . more) (collect more argv input value limit environment))
      ((#:limit value . more) (collect more argv input timeout value environment))
      ((#:environment value . more) (collect more argv input timeout limit value))
      (((? keyword? unknown) . _)
       (scm-error 'misc-error "run-command" "unknown keyword ~s" (list unknown) #f))
      ((argument . more)
       (collect more (cons argument argv) input timeout limit environment))
      (() (start-and-wait (reverse argv) input timeout limit environment)))))

(define (start-and-wait argv input timeout limit environment)
  (if (not (current-task))
      (run-task (lambda () (start-and-wait argv input timeout limit environment)))
      (match (suspend
              (lambda (resume)
                (let ((command (%command-start argv input timeout limit environment
                                               (lambda (end) (resume (lambda () end))))))
                  (lambda () (%command-stop command)))))
        (#((or 'exited 'signalled) exit signal _ output error seconds _ _)
         (make-command-result exit signal output error seconds))
        (#('timed-out _ _ _ _ _ seconds _ _)
         (raise-check-failed "~a was not over after ~a s" (car argv) timeout))
        (#(_ _ _ text _ _ _ _ _)
         (raise-check-failed "~a" text)))))
