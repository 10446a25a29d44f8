;;; console.scm -- tells by writing to the daemon's own standard output.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier console)
  #:use-module (ice-9 format)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (sheepdog notice)
  #:use-module (sheepdog notifier type)
  #:use-module (sheepdog option)
  #:export (console))

(define (visible text)
  ;; What a command printed must not steer the terminal that it is shown on.
  (string-concatenate
   (map (lambda (c)
          (if (and (char-set-contains? char-set:iso-control c) (not (memv c '(#\newline #\tab))))
              (format #f "\\x~2,'0x" (char->integer c))
              (string c)))
        (string->list text))))

(define (write-notice notice)
  (with-exception-handler
      (lambda (exception) (raise-delivery-failed #f "console: ~a" (exception->text exception)))
    (lambda ()
      (let ((port (current-output-port)))
        (display (visible (string-append (notice-subject notice) "\n" (notice-text notice) "\n"))
                 port)
        (force-output port)
        #f))
    #:unwind? #t))

(define (console-at location . arguments)
  (let ((options (complete-options (list name-option) arguments "console" location)))
    (make-notifier (name-or "console" options) write-notice (const #t))))

;; (console [#:name NAME]): write notices to standard output.
(define-located console console-at)
