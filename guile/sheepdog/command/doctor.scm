;;; doctor.scm -- sheepdog doctor: is Sheepdog itself well?
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command doctor)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog diagnosis)
  #:use-module (sheepdog diagnosis finding)
  #:use-module (sheepdog error)
  #:use-module (sheepdog herd-state)
  #:use-module (sheepdog program)
  #:use-module (sheepdog running)
  #:use-module (sheepdog store)
  #:use-module (sheepdog table)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:export (main))

(define (main options)
  "Look at Sheepdog as OPTIONS say; return the exit status: 1 where something is to be done."
  (call-as-program
   "sheepdog"
   (lambda ()
     (match (option options 'dead-letters)
       (#f (show-findings options))
       ("" (show-dead-letters options default-dead-letters))
       (limit (show-dead-letters options limit))))))

(define (show-findings options)
  (let* ((places (places-to-read options))
         (findings (findings options places)))
    (if (option options 'json)
        (print-json '(part status summary advice)
                    (map (lambda (f)
                           (list (finding-part f) (finding-status f) (finding-text f)
                                 (finding-advice f)))
                         findings))
        (for-each print-finding findings))
    (if (every (lambda (f) (eq? 'ok (finding-status f))) findings) exit-good exit-wrong)))

(define (findings options places)
  (define version (option options 'version "?"))
  (if (eq? 'denied (directory-fault (place places 'state-dir)))
      ;; Whatever else could be said would be a guess.
      (diagnose-without-permission places version)
      (call-with-values (lambda () (settings options places))
        (lambda (broker spool-size about)
          (cons about (diagnose places broker spool-size version))))))

;;; What is looked at.

(define (settings options places)
  "The broker, the size of the spool, and the <finding> that says where these are from: from OPTIONS, or
the daemon that runs or ran in PLACES."
  (define given
    (or (and=> (option options 'broker) checked-broker)
        (match (getenv "SHEEPDOG_BROKER")
          ((or #f "") #f)
          (given given))))
  (define (told configuration about)
    (values (or given (configuration-broker configuration))
            (configuration-spool-size configuration)
            about))
  (define (about text) (finding "settings" 'ok text))
  (match (option options 'config)
    (#f (match (settings-left places)
          (#f (told (default-configuration)
                    (about "no daemon has run with this state directory; looked at as without a \
configuration")))
          (left (settings-of-daemon left given told))))
    (path (told (load-configuration path) (about (string-append "those of " path))))))

(define (settings-of-daemon left given told)
  (define what
    (match (settings-file left)
      (#f "it has no configuration")
      (file file)))
  (define text
    (if (settings-in-force? left)
        (format #f "those of ~a, process ~a: ~a" (settings-program left) (settings-pid left) what)
        (format #f "no daemon runs; taken for what the last ~a had: ~a" (settings-program left) what)))
  (define file (settings-file left))
  (define (not-taken exception)
    (define fault
      (string-append (match (config-error-location exception)
                       (#f "")
                       (place (string-append place ": ")))
                     (exception->text exception)))
    (if (and (file-exists? file) (not (access? file R_OK)))
        ;; It may be for root's eyes alone, since it has the broker's password.
        (finding "settings" 'warning (format #f "~a, which cannot be read: ~a" text fault)
                 "look as the daemon's user or root; what follows is without the broker's password")
        (finding "settings" 'warning (format #f "~a; the file is wrong: ~a" text fault)
                 (if (settings-in-force? left)
                     (format #f "the daemon goes on with what it read before; mend the file, then \
`kill -HUP ~a' lets it read it again" (settings-pid left))
                     "mend it; no daemon starts with it"))))
  (with-exception-handler
      (lambda (exception)
        (values (or given (settings-broker left)) (settings-spool-size left)
                (not-taken exception)))
    (lambda ()
      (told (match (settings-file left)
              (#f (default-configuration))
              (file (load-configuration file)))
            (finding "settings" 'ok text)))
    #:unwind? #t #:unwind-for-type &config-error))

(define (checked-broker url)
  ;; What can never be an address is a slip of the pen, and no finding.
  (with-exception-handler
      (lambda (exception) (raise-config-error #f "-H: ~a" (exception->text exception)))
    (lambda () (%broker-address url) url)
    #:unwind? #t #:unwind-for-type &core-error))

(define (print-finding f)
  (let ((status (finding-status f)))
    (format #t "~a~a  ~14a~a~%" (status-text status)
            (make-string (max 0 (- 8 (string-length (symbol->string status)))) #\space)
            (finding-part f) (one-line (finding-text f)))
    (when (finding-advice f)
      (format #t "          -> ~a~%" (one-line (finding-advice f))))))

;;; Dead letters.

(define default-dead-letters 10)
(define shown-of-body 200) ; characters, for people; programs get all that is kept

(define (show-dead-letters options limit)
  (let* ((reader (open-reader (store-to-read options)))
         (letters (read-dead-letters reader limit)))
    (cond
     ((option options 'json) (print-json '(time reason length sha256 body) letters))
     ((null? letters) (format #t "There are no dead letters.~%"))
     (else (for-each print-dead-letter letters)))
    exit-good))

(define (print-dead-letter letter)
  (match letter
    ((time reason length _ body)
     (format #t "~a  ~a, ~a~%  ~a~a~%" (format-time time) (one-line reason)
             (format-count length "byte")
             (one-line (string-take body (min shown-of-body (string-length body))))
             (if (> (string-length body) shown-of-body) "…" "")))))
