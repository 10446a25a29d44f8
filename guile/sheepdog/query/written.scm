;;; written.scm -- goals that know how and where they were written, for messages.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query written)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (srfi srfi-1)
  #:export (define-goal-maker derived-names derived-name written-syntax
            goal-procedure
            written-place written-argument raise-about raise-unknown-argument
            describe-term ordinal))

(define-syntax-rule (define-goal-maker name maker procedure)
  ;; Define NAME, a syntax: (NAME ARGUMENT ...) calls (MAKER WRITTEN ARGUMENT ...), where WRITTEN, a
  ;; pair of the place or #f and of the form, is how it was written; NAME alone is PROCEDURE.
  (define-syntax name
    (lambda (form)
      (syntax-case form ()
        ((head argument (... ...))
         (with-syntax ((written (written-syntax form)))
           #'(maker 'written argument (... ...))))
        (_
         (identifier? form)
         #'procedure)))))

(define (derived-names name words)
  "The identifiers %NAME-WORD for each of WORDS, symbols; NAME is an identifier: what belongs to NAME in
the module where that is defined."
  (map (lambda (word) (datum->syntax name (derived-name (syntax->datum name) word))) words))

(define (derived-name name word)
  "The symbol %NAME-WORD of the symbols NAME and WORD."
  (symbol-append '% name '- word))

(define (goal-procedure make name arguments doc)
  "The procedure MAKE, which makes goals of the relation NAME of ARGUMENTS with its DOC, named and with
a docstring."
  (set-procedure-property! make 'name name)
  (set-procedure-property! make 'documentation
                           (string-append (object->string (cons name arguments)) ": " doc))
  make)

(define (written-syntax form)
  "How FORM, the syntax of a call, was written, as define-goal-maker has it, as syntax to be quoted."
  (syntax-case form ()
    ((head . _)
     (datum->syntax #'head (cons (source-location (or (syntax-source form) '()))
                                 (syntax->datum form))))))

(define (written-place written)
  "The place of WRITTEN, \"file:line:column\", or #f."
  (and written (car written)))

(define (written-argument written n)
  "The argument N, from 0, as it is in WRITTEN; #f where that is not known."
  (match written
    ((_ _ . arguments) (and (< n (length arguments)) (list-ref arguments n)))
    (_ #f)))

(define (raise-about written template . arguments)
  "Raise the &question-error about WRITTEN whose message is TEMPLATE formatted with ARGUMENTS."
  (apply raise-question-error (written-place written) template arguments))

(define (raise-unknown-argument written verb name arguments values unknown?)
  "Raise the &question-error that the first of VALUES, of ARGUMENTS of NAME, which was WRITTEN so, that
is UNKNOWN? cannot be known; VERB says what NAME does with what is."
  (let* ((n (list-index unknown? values))
         ;; As it was written; else by the names of the declaration.
         (argument (or (written-argument written n) (list-ref arguments n)))
         (shown (if written
                    (cdr written)
                    (cons name (map (lambda (argument value) (if (unknown? value) argument value))
                                    arguments values)))))
    (raise-about
     written
     "~s ~a what is known, and nothing beside it says what its ~a argument, ~s, is; add a relation that \
does, such as (facto host key ~s)"
     shown verb (ordinal n) argument argument)))

(define (describe-term value)
  "VALUE of a question in words."
  (cond ((string? value) (format #f "the string ~s" value))
        ((real? value) (format #f "the number ~a" value))
        ((symbol? value) (format #f "the symbol ~a" value))
        (else (format #f "~s" value))))

(define (ordinal n)
  "The N-th, from 0, in a word."
  (list-ref '("first" "second" "third" "fourth" "fifth" "sixth" "seventh" "eighth" "ninth" "tenth") n))
