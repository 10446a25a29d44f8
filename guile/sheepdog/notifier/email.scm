;;; email.scm -- tells by mail.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier email)
  #:use-module (ice-9 match)
  #:use-module (sheepdog configured-path)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (sheepdog notice)
  #:use-module (sheepdog notifier type)
  #:use-module (sheepdog option)
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
        (make-option 'ca-file #f optional-text? 'non-empty-string?
                     "A file of certificates (PEM) of those who may vouch for the server, instead of
the machine's own.")
        (make-option 'timeout 60 duration? 'duration? "Past this it is tried again.")))

(define (check-password-file path)
  ;; The courier reads it; here only whether others can.
  (with-exception-handler
      (lambda (exception)
        (raise-delivery-failed #f "the password: ~a" (exception->text exception)))
    (lambda ()
      (unless (zero? (logand #o007 (stat:perms (stat path))))
        (raise-check-failed "everybody may use ~a; chmod o= ~a" path path)))
    #:unwind? #t))

(define (errand to from encryption password-file ca-file options notice)
  (define (text name) (or (option-ref options name) ""))
  (and=> password-file check-password-file)
  `((kind . "mail") (server . ,(text 'server)) (user . ,(text 'user))
    (password-file . ,(or password-file "")) (password-variable . ,(text 'password-variable))
    (encryption . ,encryption) (ca-file . ,(or ca-file "")) (from . ,from) (to . ,to)
    (subject . ,(notice-subject notice)) (body . ,(notice-text notice))
    (message-id . ,(notice-id notice)) (time . ,(%now)) (timeout . ,(option-ref options 'timeout))))

(define (read-outcome server outcome)
  (match (assoc-ref outcome "fault")
    ((? pair? fault)
     (let ((code (string->symbol (assoc-ref fault "code"))))
       ;; What only a person can mend, such as a wrong password, is tried again too: they may.
       (raise-delivery-failed
        (and (memq code '(refused invalid)) #t)
        "~a~a" (assoc-ref fault "message")
        (if (and (eq? code 'unreachable) (string-prefix? "smtp://localhost" server))
            "; this machine has no mail server of its own, name another with #:server"
            ""))))
    (_ #t)))

(define address-characters
  (char-set-difference (ucs-range->char-set 33 127) (string->char-set "<>,;:\"()[]\\")))

(define (address? text)
  ;; "root@example.org", "root" or "Name <root@example.org>".
  (let* ((text (string-trim-both text #\space))
         (open (and (string-suffix? ">" text) (string-index text #\<)))
         (address (if open (substring text (+ open 1) (- (string-length text) 1)) text)))
    (and (<= 1 (string-length address) 254)
         (string-every address-characters address)
         (<= (string-count address #\@) 1)
         (not (string-prefix? "@" address))
         (not (string-suffix? "@" address)))))

(define server-pattern (make-regexp "^smtps?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]+)?/?$"))

(define (email-at location to . arguments)
  (let* ((owner (format #f "email ~s" to))
         (options (complete-options declared arguments owner location))
         (option (lambda (name) (option-ref options name)))
         (from (or (option 'from) (string-append "sheepdog@" (gethostname))))
         (password-file (and=> (option 'password-file) configured-path))
         (ca-file (and=> (option 'ca-file) configured-path))
         (encryption (or (option 'encryption) (if (option 'user) 'required 'opportunistic))))
    (for-each (lambda (address)
                (unless (address? address)
                  (raise-config-error location "~a: ~s is not an address for mail" owner address)))
              (list to from))
    (unless (regexp-exec server-pattern (option 'server))
      (raise-config-error location "~a: #:server is written \"smtp://HOST:PORT\" or \
\"smtps://HOST:PORT\", without user and password" owner))
    (when (and (option 'password-file) (option 'password-variable))
      (raise-config-error location "~a: #:password-file or #:password-variable, not both" owner))
    (unless (eq? (and (option 'user) #t)
                 (and (or (option 'password-file) (option 'password-variable)) #t))
      (raise-config-error location "~a: #:user goes with #:password-file or #:password-variable"
                          owner))
    (make-notifier (name-or to options)
                   (lambda (notice)
                     (errand to from encryption password-file ca-file options notice))
                   (lambda (outcome) (read-outcome (option 'server) outcome))
                   (lambda () (if password-file (password-warnings owner password-file) '())))))

(define (password-warnings owner path)
  (define (warn template . arguments)
    (list (format #f "~a: #:password-file: ~a" owner (apply format #f template arguments))))
  (cond
   ((not (file-exists? path)) (warn "~a: there is no such file" path))
   ((not (access? path R_OK)) (warn "you may not read ~a; may the daemon?" path))
   ((not (zero? (logand #o007 (stat:perms (stat path)))))
    (warn "everybody may use ~a, so it will not be used; chmod o= ~a" path path))
   (else '())))

(define (email-form location . arguments)
  (match arguments
    (((? string? to) . rest) (apply email-at location to rest))
    ((other . _) (raise-config-error location "email: ~s is not an address" other))
    (() (raise-config-error location "email: to whom? write (email \"me@example.org\")"))))

;; (email "TO@HOST" [#:server "smtp://HOST:PORT"] [#:from ADDRESS] [#:user NAME #:password-file PATH]
;; [#:encryption 'required] [#:ca-file PATH] [#:timeout SECONDS] [#:name NAME]): send a mail through an
;; SMTP server.
(define-located email email-form)
