;;; command.scm -- tells a program of the shepherd's own.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier command)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog configured-path)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (sheepdog notice)
  #:use-module (sheepdog notifier type)
  #:use-module (sheepdog option)
  #:export (command))

;; The exit status that says: this notice will never be taken.
(define never-status 100)

(define (errand argv timeout notice)
  `((kind . "command") (argv . ,(list->vector argv))
    (input . ,(string-append (%scm->json (notice->json notice)) "\n"))
    (timeout . ,timeout)))

(define (read-outcome program outcome)
  (define (ref key) (assoc-ref outcome key))
  (define (fail permanent? template . arguments)
    (let ((words (string-trim-both (or (ref "output") ""))))
      (raise-delivery-failed permanent? "~a: ~a~a" program (apply format #f template arguments)
                             (if (string-null? words)
                                 ""
                                 (string-append
                                  ": " (string-take-right words (min 200 (string-length words))))))))
  (match (list (ref "fault") (ref "how") (ref "exit"))
    (((? pair? fault) _ _) (raise-delivery-failed #f "~a" (assoc-ref fault "message")))
    ((_ "exited" 0) #t)
    ((_ "exited" status) (fail (= status never-status) "exit ~a" status))
    ((_ "timed-out" _) (fail #f "it did not end in time"))
    (_ (fail #f "ended by signal ~a" (ref "signal")))))

;; A program without a slash is searched in PATH.
(define (program->path program)
  (if (string-index program #\/) (configured-path program) program))

(define declared
  (list name-option
        (make-option 'timeout 60 duration? 'duration? "Past this it is ended and tried again.")))

(define (command-at location argv . arguments)
  (unless (and (strings? argv) (pair? argv) (non-empty-string? (car argv)))
    (raise-config-error location "command: ~s is not a list of a program and its arguments" argv))
  (let ((options (complete-options declared arguments (format #f "command ~a" (car argv))
                                   location))
        (argv-to-run (cons (program->path (car argv)) (cdr argv))))
    (make-notifier (name-or (car argv) options)
                   (lambda (notice) (errand argv-to-run (option-ref options 'timeout) notice))
                   (lambda (outcome) (read-outcome (car argv) outcome))
                   (lambda () (program-warnings (car argv-to-run))))))

(define (program-warnings program)
  (define (regular? path)
    (and (file-exists? path) (eq? 'regular (stat:type (stat path)))))
  (define (found? path) (and (regular? path) (access? path X_OK)))
  (cond
   ((string-index program #\/)
    (cond ((not (file-exists? program))
           (list (format #f "command ~a: there is no such program" program)))
          ((not (found? program))
           (list (format #f "command ~a: this is no program that you may run; chmod +x ~a" program
                         program)))
          (else '())))
   ((search-path (parse-path (or (getenv "PATH") "")) program) '())
   (else (list (format #f "command ~a: there is no such program in PATH; write where it is, from / on"
                       program)))))

(define (command-form location . arguments)
  (match arguments
    (((and argv (not (? keyword?))) . rest) (apply command-at location argv rest))
    (_ (raise-config-error location "command: which? write (command '(\"program\" \"argument\"))"))))

;; (command '("PROGRAM" "ARGUMENT" ...) [#:name NAME] [#:timeout SECONDS]): run PROGRAM, without a
;; shell, with the notice as one line of JSON on its standard input.  Exit status 0: it has taken the
;; notice; 100: it never will; anything else: to be tried again.
(define-located command command-form)
