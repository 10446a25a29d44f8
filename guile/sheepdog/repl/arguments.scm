;;; arguments.scm -- what stands behind a command of a REPL, over as many lines as its forms take.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Guile's own commands read no more than a line, but for expressions that they cannot do without.  How
;;; it keeps its commands is no public matter; Guile 3.0.8 to 3.0.11 have these names.
(define-module (sheepdog repl arguments)
  #:use-module (ice-9 match)
  #:use-module (ice-9 rdelim)
  #:use-module (sheepdog core)
  #:use-module (system repl command)
  #:export (define-command))

(define (read-arguments)
  "The data up to the end of the line, and of the line where the last one ends."
  (let ((char (peek-char)))
    (cond ((or (eof-object? char) (char=? char #\newline)) '())
          ((char-whitespace? char) (read-char) (read-arguments))
          ((char=? char #\;) (read-line) '())
          (else
           (let ((datum (read)))
             (cons datum (read-arguments)))))))

(define (arguments-or-complain name)
  "The arguments of the command NAME; #f where they cannot be read, and that has been said,
or where they were interrupted."
  (catch 'read-error
    (lambda () (catch 'signal read-arguments (lambda _ #f)))
    (lambda (key . arguments)
      (drain)
      (format #t "~a: ~a~%" name (match arguments
                                   ((_ message irritants . _)
                                    ;; Without where it is in what was typed.
                                    (apply format #f (without-place message) irritants))
                                   (_ (throw->text key arguments))))
      #f)))

(define (without-place message)
  (match (string-contains message ": ")
    ((? number? end) (if (string-contains (substring message 0 end) ":")
                         (substring message (+ 2 end))
                         message))
    (#f message)))

(define (drain)
  (when (char-ready?)
    (let ((char (peek-char)))
      (unless (or (eof-object? char) (char=? char #\newline))
        (read-char)
        (drain)))))

(define-syntax-rule (define-command (name . formals) doc body ...)
  "(define-command (NAME . FORMALS) DOC BODY ...): let the REPLs have the command NAME, which is called with
the data behind it; where FORMALS do not take them the first line of DOC says how it is used."
  (begin
    (define-meta-command ((name sheepdog) repl . arguments)
      doc
      (catch 'wrong-usage
        (lambda ()
          (apply (case-lambda
                   (formals body ...)
                   (_ (throw 'wrong-usage)))
                 arguments))
        (lambda _ (say-usage doc))))
    (read-over-lines! 'name)))

(define (say-usage doc)
  (format #t "usage: ~a~%"
          (string-join (map (lambda (way) (string-append "," way))
                            (let split ((text (car (string-split doc #\newline))))
                              (match (string-contains text " | ")
                                (#f (list text))
                                (bar (cons (substring text 0 bar) (split (substring text (+ 3 bar))))))))
                       ", or ")))

(define (read-over-lines! name)
  (set-cdr! (hashq-ref (@@ (system repl command) *command-infos*) name)
            (lambda (repl) (arguments-or-complain name))))
