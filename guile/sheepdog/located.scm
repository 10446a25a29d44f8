;;; located.scm -- constructors that know where in a file they were called.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog located)
  #:export (define-located source-location))

(define (source-location properties)
  "PROPERTIES of a source (an alist) as \"file:line:column\", counted from 1, or #f."
  (let ((line (assq-ref properties 'line))
        (column (assq-ref properties 'column)))
    (and line column
         (string-append (or (assq-ref properties 'filename) "input") ":"
                        (number->string (+ line 1)) ":" (number->string (+ column 1))))))

(define-syntax-rule (define-located name procedure)
  ;; Define NAME, a syntax: (NAME ARGUMENT ...) calls (PROCEDURE LOCATION ARGUMENT ...), so that
  ;; PROCEDURE can say where what it does not like was written.
  (define-syntax name
    (lambda (form)
      (syntax-case form ()
        ((_ argument (... ...))
         #`(procedure #,(source-location (or (syntax-source form) '())) argument (... ...)))
        (_
         (identifier? form)
         ;; It bears the name, for who must say what stands there.
         #'(letrec ((name (lambda arguments (apply procedure #f arguments)))) name))))))
