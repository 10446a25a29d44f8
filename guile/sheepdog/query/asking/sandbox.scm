;;; sandbox.scm -- what a question that is not trusted may name.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Everything else is not there: a module has what is used by it, and this one uses nothing that opens
;;; a file, starts a program, changes what others see, or names another module.  Our own forms expand
;;; to names of other modules, which only they can write: to make such a name out of a piece of syntax
;;; takes syntax-case or datum->syntax, which are left out; define-syntax-rule and its like are there.
(define-module (sheepdog query asking sandbox)
  #:use-module (ice-9 match)
  #:use-module (ice-9 sandbox)
  #:use-module (sheepdog query)
  #:use-module (srfi srfi-1)
  #:export (make-sandbox))

(define not-for-strangers
  '(;; They choose the store, or read it by SQL that is not ours.
    open-herd close-herd current-herd define-store-relation
    ;; They can take pieces of syntax apart.
    datum->syntax syntax->datum syntax-case syntax quasisyntax unsyntax unsyntax-splicing with-syntax
    make-variable-transformer macroexpand macroexpanded? define-macro defmacro generate-temporaries
    free-identifier=? bound-identifier=? identifier? identifier-syntax syntax-source syntax-error
    current-filename current-source-location
    ;; The time is limited by others.
    sleep usleep))

(define (allowed names)
  (remove (lambda (name)
            (memq (match name ((_ . inner) inner) (_ name)) not-for-strangers))
          names))

(define (exported-names name)
  (module-map (lambda (symbol variable) symbol) (resolve-interface name)))

(define bindings
  (append
   (map (match-lambda ((module . names) (cons module (allowed names)))) all-pure-bindings)
   (map (lambda (module) (cons module (allowed (exported-names module))))
        '((srfi srfi-1) (sheepdog query)))
   ;; Without what reaches into records of others.
   '(((ice-9 match) match match-lambda match-lambda* match-let match-let* match-letrec))))

(define (make-sandbox)
  "A new module for a question that is not trusted: relations, miniKanren and what only computes."
  (make-sandbox-module bindings))
