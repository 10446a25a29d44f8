;;; email.scm -- tells by mail.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier email)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (sheepdog notice)
  #:use-module (sheepdog notifier type)
  #:use-module (sheepdog option)
  #:use-module (sheepdog task)
  #:export (email))

(define (optional-text? x) (or (not x) (non-empty-string? x)))

(define declared
  (list name-option
        (make-option 'server "smtp://localhost:25" non-empty-string? 'non-empty-string?
                     "smtp://HOST:PORT or smtps://HOST:PORT.")
        (make-option 'from #f optional-text? 'non-empty-string?
                     "The sender; sheepdog@ this machine where left out.")
        (make-option 'user #f optional-text? 'non-empty-string? "Who we are to the server.")
        (make-option 'password-file #f optional-text? 'non-empty-string?
                     "A file whose first line is the password of #:user.")
        (make-option 'password-variable #f optional-text? 'non-empty-string?
                     "The environment variable that has the password of #:user.")
        (make-option 'encryption #f
                     (lambda (x) (memq x '(#f none opportunistic required)))
                     '(one-of none opportunistic required)
                     "Whether smtp:// is encrypted; required where there is a #:user, else
opportunistic: if the server offers it, whoever it is.")
        (make-option 'timeout 60 duration? 'duration? "Past this it is tried again.")))

(define (password-from-file path)
  (let ((line (with-exception-handler
                  (lambda (exception)
                    (raise-delivery-failed #f "the password: ~a" (exception->text exception)))
                (lambda ()
                  (unless (zero? (logand #o007 (stat:perms (stat path))))
                    (raise-delivery-failed #f "~a: everybody may use this file; chmod o= ~a"
                                           path path))
                  (call-with-input-file path get-line))
                #:unwind? #t)))
    (if (eof-object? line) "" line)))

(define (password options)
  (match (list (option-ref options 'password-file) (option-ref options 'password-variable))
    ((#f #f) "")
    ((#f variable)
     (or (getenv variable)
         (raise-delivery-failed #f "the environment has no variable ~a" variable)))
    ((path _) (password-from-file path))))

(define (failed code message local?)
  ;; What only a person can mend, such as a wrong password, is tried again too: they may.
  (raise-delivery-failed
   (and (memq code '(refused invalid)) #t)
   "~a~a" message
   (if (and local? (eq? code 'unreachable))
       "; this machine has no mail server of its own, name another with #:server" "")))

(define (send-notice to from encryption options notice)
  (let* ((server (option-ref options 'server))
         (local? (string-prefix? "smtp://localhost" server))
         (secret (password options)))
    (define (start resume)
      (let ((mail (%mail-send
                   (vector server (or (option-ref options 'user) "") secret
                           (symbol->string encryption))
                   (vector from to (notice-subject notice) (notice-text notice) (notice-id notice))
                   (option-ref options 'timeout)
                   (lambda (fault _)
                     (resume (lambda ()
                               (match fault
                                 (#f #t)
                                 ((code . message) (failed code message local?)))))))))
        (lambda () (%mail-cancel mail))))
    (with-exception-handler
        (lambda (exception)
          (failed (core-error-code exception) (exception->text exception) local?))
      (lambda () (suspend start))
      #:unwind? #t #:unwind-for-type &core-error)))

(define (email-at location to . arguments)
  (let* ((owner (format #f "email ~s" to))
         (options (complete-options declared arguments owner location))
         (option (lambda (name) (option-ref options name)))
         (from (or (option 'from) (string-append "sheepdog@" (gethostname))))
         (encryption (or (option 'encryption) (if (option 'user) 'required 'opportunistic))))
    (with-exception-handler
        (lambda (exception) (raise-config-error location "~a: ~a" owner (exception->text exception)))
      (lambda () (%mail-check (option 'server) from to))
      #:unwind? #t #:unwind-for-type &core-error)
    (when (and (option 'password-file) (option 'password-variable))
      (raise-config-error location "~a: #:password-file or #:password-variable, not both" owner))
    (unless (eq? (and (option 'user) #t)
                 (and (or (option 'password-file) (option 'password-variable)) #t))
      (raise-config-error location "~a: #:user goes with #:password-file or #:password-variable"
                          owner))
    (make-notifier (name-or to options)
                   (lambda (notice) (send-notice to from encryption options notice)))))

(define (email-form location . arguments)
  (match arguments
    (((? string? to) . rest) (apply email-at location to rest))
    ((other . _) (raise-config-error location "email: ~s is not an address" other))
    (() (raise-config-error location "email: to whom? write (email \"me@example.org\")"))))

;; (email "TO@HOST" [#:server "smtp://HOST:PORT"] [#:from ADDRESS] [#:user NAME #:password-file PATH]
;; [#:encryption 'required] [#:timeout SECONDS] [#:name NAME]): send a mail through an SMTP server.
(define-located email email-form)
