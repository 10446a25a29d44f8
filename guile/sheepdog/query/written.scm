;;; written.scm -- goals that know how and where they were written, for messages.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query written)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module ((sheepdog kanren extend) #:select (var?))
  #:use-module (sheepdog located)
  #:use-module (srfi srfi-1)
  #:export (define-goals derived-name written-syntax check-call
            written-argument raise-about raise-unknown-argument
            describe-term ordinal))

(define-syntax define-goals
  (lambda (form)
    "(define-goals (NAME ARGUMENT ...) DOC DECLARATION ->GOAL): define NAME, a syntax: (NAME TERM ...) is
the goal (->GOAL DECLARED WRITTEN TERMS), where DECLARED is the value of DECLARATION, an expression, and
WRITTEN, a pair of the place or #f and of the form, is how it was written, or #f where that is not known.
NAME alone is a procedure, with the docstring DOC."
    (syntax-case form ()
      ((_ (name argument ...) doc declaration ->goal)
       (with-syntax (((declared procedure)
                      (map (lambda (word)
                             (datum->syntax #'name (derived-name (syntax->datum #'name) word)))
                           '(declared procedure))))
         #'(begin
             ;; The declaration may call NAME, which is a syntax by then.
             (define-syntax name
               (lambda (form)
                 (syntax-case form ()
                   ((_ term (... ...))
                    (with-syntax ((written (written-syntax form)))
                      #'(->goal declared 'written (list term (... ...)))))
                   (_
                    (identifier? form)
                    #'procedure))))
             (define declared declaration)
             (define procedure
               (goal-procedure (lambda terms (->goal declared #f terms))
                               'name '(argument ...) doc))))))))

(define (derived-name name word)
  "The symbol %NAME-WORD of the symbols NAME and WORD, for what belongs to NAME in the module where that is
defined."
  (symbol-append '% name '- word))

(define (goal-procedure make name arguments doc)
  "The procedure MAKE, which makes goals of the relation NAME of ARGUMENTS with its DOC, named and with
a docstring."
  (set-procedure-property! make 'name name)
  (set-procedure-property! make 'documentation
                           (string-append (object->string (cons name arguments)) ": " doc))
  make)

(define (written-syntax form)
  "How FORM, the syntax of a call, was written, as define-goals has it, as syntax to be quoted."
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

(define (check-call written name arguments terms)
  "Raise a &question-error if TERMS are more or fewer than ARGUMENTS, those of NAME, which was WRITTEN so; or
say that NAME was taken for a goal."
  (match terms
    ;; The state of a search is the one vector that ever comes here but for variables.
    (((? vector? state))
     (unless (var? state)
       (raise-about written "~a stands alone where a goal belongs; a goal is ~a, and a clause of conde \
has parentheses around its goals" name (cons name arguments))))
    (_ #f))
  (unless (= (length terms) (length arguments))
    (raise-about written "~a takes ~a, ~a; it was given ~a"
                 name
                 (if (= 1 (length arguments))
                     "1 argument"
                     (format #f "~a arguments" (length arguments)))
                 (cons name arguments) (length terms))))

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
