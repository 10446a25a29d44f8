;;; command.scm -- tells a program of the shepherd's own.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier command)
  #:use-module (ice-9 match)
  #:use-module (sheepdog command)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (sheepdog notice)
  #:use-module (sheepdog notifier type)
  #:use-module (sheepdog option)
  #:export (command))

;; The exit status that says: this notice will never be taken.
(define never-status 100)

(define (last-words result)
  (let ((words (string-trim-both
                (string-append (command-result-output result) (command-result-error result)))))
    (if (string-null? words)
        ""
        (string-append ": " (string-take-right words (min 200 (string-length words)))))))

(define (tell argv timeout notice)
  (let ((result (with-exception-handler
                    (lambda (exception) (raise-delivery-failed #f "~a" (exception->text exception)))
                  (lambda ()
                    (apply run-command
                           (append argv
                                   (list #:input (string-append
                                                  (%scm->json (notice->json notice)) "\n")
                                         #:timeout timeout))))
                  #:unwind? #t #:unwind-for-type &check-failed)))
    (match (command-result-exit result)
      (0 #t)
      (#f (raise-delivery-failed #f "~a was ended by signal ~a~a" (car argv)
                                 (command-result-signal result) (last-words result)))
      (status (raise-delivery-failed (= status never-status) "~a: exit ~a~a" (car argv) status
                                     (last-words result))))))

(define declared
  (list name-option
        (make-option 'timeout 60 duration? 'duration? "Past this it is ended and tried again.")))

(define (command-at location argv . arguments)
  (unless (and (strings? argv) (pair? argv) (non-empty-string? (car argv)))
    (raise-config-error location "command: ~s is not a list of a program and its arguments" argv))
  (let ((options (complete-options declared arguments (format #f "command ~a" (car argv))
                                   location)))
    (make-notifier (name-or (car argv) options)
                   (lambda (notice) (tell argv (option-ref options 'timeout) notice)))))

(define (command-form location . arguments)
  (match arguments
    (((and argv (not (? keyword?))) . rest) (apply command-at location argv rest))
    (_ (raise-config-error location "command: which? write (command '(\"program\" \"argument\"))"))))

;; (command '("PROGRAM" "ARGUMENT" ...) [#:name NAME] [#:timeout SECONDS]): run PROGRAM, without a
;; shell, with the notice as one line of JSON on its standard input; a line without its end comes
;; from a daemon that died, and the notice will come again.  Exit status 0: it has taken the notice;
;; 100: it never will; anything else: to be tried again.
(define-located command command-form)
