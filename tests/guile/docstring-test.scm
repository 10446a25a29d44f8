;;; docstring-test.scm -- whatever a module exports says what it does.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Looked at is each procedure that a module under guile/sheepdog exports and defines itself.  The
;;; rest says itself what it is: macros, parameters, constants, and what `define-record-type' makes of
;;; the comment beside each field.  What the core makes has its signature in core/binding, and what
;;; is one name for another module's procedure has its docstring there.
(use-modules (ice-9 ftw)
             (ice-9 match)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64)
             (system vm program))

(define source (string-append (getenv "SHEEPDOG_SOURCE") "/guile/"))

(define (module-files)
  "The files of all modules, below guile/."
  (let ((found '()))
    (nftw (string-append source "sheepdog")
          (lambda (path info flag base level)
            (when (and (eq? flag 'regular) (string-suffix? ".scm" path)
                       (not (string-contains path "/plugins/")))
              (set! found (cons (substring path (string-length source)) found)))
            #t))
    (sort found string<?)))

(define (file->module file)
  (resolve-interface
   (map string->symbol (string-split (substring file 0 (- (string-length file) 4)) #\/))))

(define (forms file)
  (call-with-input-file (string-append source file)
    (lambda (port)
      (set-port-encoding! port "UTF-8")
      (let loop ((all '()))
        (match (read port)
          ((? eof-object?) (reverse all))
          (form (loop (cons form all))))))))

(define (names-of-records forms)
  "What the record types among FORMS define."
  (append-map
   (match-lambda
     (((or 'define-immutable-record-type 'define-record-type) type make predicate . fields)
      (cons* (if (pair? make) (car make) make) predicate
             (append-map (match-lambda ((_ . accessors) accessors) (_ '())) fields)))
     (_ '()))
   forms))

(define (defined-here? procedure file)
  (match (program-sources procedure)
    (((_ . (? string? where)) . _) (string-suffix? file where))
    (((_ where . _) . _) (and (string? where) (string-suffix? file where)))
    (_ #f)))

(define (silent file)
  "The names of the procedures that FILE exports without a docstring."
  (let ((records (names-of-records (forms file))))
    (sort
     (filter identity
             (module-map
              (lambda (name variable)
                (let ((value (and (variable-bound? variable) (variable-ref variable))))
                  (and (procedure? value)
                       (program? value)
                       (not (parameter? value))
                       (not (string-prefix? "%" (symbol->string name)))
                       (not (memq name records))
                       (defined-here? value file)
                       (not (procedure-documentation value))
                       name)))
              (file->module file)))
     (lambda (a b) (string<? (symbol->string a) (symbol->string b))))))

(test-suite "docstrings"
  (test-assert "there are modules to look at" (> (length (module-files)) 30))
  (for-each (lambda (file) (test-equal file '() (silent file)))
            (module-files)))
