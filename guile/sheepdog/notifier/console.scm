;;; console.scm -- tells by writing to the daemon's own standard output.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notifier console)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (sheepdog notice)
  #:use-module (sheepdog notifier type)
  #:use-module (sheepdog option)
  #:use-module (sheepdog task)
  #:use-module (sheepdog unit)
  #:export (console))

(define (visible text)
  ;; What a command printed must not steer the terminal that it is shown on.
  (string-concatenate
   (map (lambda (c)
          (if (and (char-set-contains? char-set:iso-control c) (not (memv c '(#\newline #\tab))))
              (format #f "\\x~2,'0x" (char->integer c))
              (string c)))
        (string->list text))))

(define (write-out port text)
  ;; Whoever reads the other end must not be able to hold the daemon up.
  (suspend
   (lambda (resume)
     (let ((writing (%write-out (fileno port) text
                                (lambda (fault value)
                                  (resume (lambda ()
                                            (match fault
                                              (#f #t)
                                              ((_ . words) (raise-check-failed "~a" words)))))))))
       (lambda () (%stop-writing writing))))))

(define (write-notice notice timeout)
  (let ((port (current-output-port))
        (text (visible (string-append (notice-subject notice) "\n" (notice-text notice) "\n"))))
    (with-exception-handler
        (lambda (exception)
          (raise-delivery-failed #f "console: ~a"
                                 (if (timed-out? exception)
                                     (format #f "nobody has read it for ~a" (format-seconds timeout))
                                     (exception->text exception))))
      (lambda ()
        (cond
         ((file-port? port)
          (force-output port)
          (with-timeout timeout (lambda () (write-out port text))))
         (else (display text port)))
        #f)
      #:unwind? #t)))

(define declared
  (list name-option
        (make-option 'timeout 10 duration? 'duration?
                     "Where nobody has read it by then, it is tried again.")))

(define (console-at location . arguments)
  (let ((options (complete-options declared arguments "console" location)))
    (make-notifier (name-or "console" options)
                   (lambda (notice) (write-notice notice (option-ref options 'timeout)))
                   (const #t))))

;; (console [#:timeout SECONDS] [#:name NAME]): write notices to standard output.
(define-located console console-at)
