;;; core.scm -- the C++ core as Scheme sees it: its primitives, and its errors as conditions.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A daemon has the core linked in.  A plain Guile loads it as an extension from the tree that this
;;; file is in: PREFIX/share/guile/site/3.0/sheepdog/core.scm -> PREFIX/lib/guile/3.0/extensions.
(define-module (sheepdog core)
  #:use-module (ice-9 exceptions)
  #:use-module (sheepdog error)
  #:use-module (srfi srfi-1)
  #:export (prefix-directory raise-core-error throw->text log-debug log-info log-notice log-warning
            log-error))

(define (raise-core-error who code message)
  "Raise a &core-error: the primitive WHO (a string) failed with CODE (a symbol) and MESSAGE."
  (raise-exception
   (make-exception ((record-constructor &core-error) code)
                   (make-exception-with-origin who)
                   (make-exception-with-message message))))

(define (throw->text key arguments)
  "One line for people about an error that was caught as KEY and ARGUMENTS."
  (exception->text
   (if (and (eq? key '%exception) (pair? arguments))
       (car arguments)
       (make-exception-from-throw key arguments))))

(eval-when (expand load eval)
  (define prefix-directory
    ;; Where the tree is that this file belongs to, a string.
    (let ((file (%search-load-path "sheepdog/core.scm")))
      (and file
           (let up ((directory (dirname file)) (n 5))
             (if (zero? n) directory (up (dirname directory) (- n 1)))))))

  (unless (resolve-module '(sheepdog primitives) #f #:ensure #f)
    (let ((own (and prefix-directory
                    (string-append prefix-directory "/lib/guile/3.0/extensions/libguile-sheepdog"))))
      (load-extension (if (and own (file-exists? (string-append own ".so"))) own "libguile-sheepdog")
                      "sheepdog_init_guile"))))

(let ((primitives (resolve-interface '(sheepdog primitives))))
  (module-use! (module-public-interface (current-module)) primitives)
  (module-use! (current-module) primitives))

(define-syntax-rule (define-log-levels (name level) ...)
  (begin
    (define (name template . arguments)
      "Log TEMPLATE, formatted with ARGUMENTS as `format' does, at the level of this name."
      ((@ (sheepdog primitives) %log) 'level (apply format #f template arguments)))
    ...))

(define-log-levels
  (log-debug debug) (log-info info) (log-notice notice) (log-warning warning) (log-error error))
