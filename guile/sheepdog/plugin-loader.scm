;;; plugin-loader.scm -- finds plugins: built-in ones by name, others by their file.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugin-loader)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog plugin)
  #:use-module (srfi srfi-1)
  #:export (load-plugin builtin-plugin-names default-monitors))

(define default-monitors
  ;; The plugins whose monitors a daemon without a configuration runs, as far as they are there.
  (filter (lambda (name)
            (%search-load-path (string-append "sheepdog/plugins/" (symbol->string name) ".scm")))
          '(host load memory disk network processes packages)))

(define (builtin-plugin-names)
  "The names of the plugins that come with Sheepdog, symbols in alphabetical order."
  (match (%search-load-path "sheepdog/plugins/message.scm")
    (#f '())
    (file
     (map (lambda (name) (string->symbol (substring name 0 (- (string-length name) 4))))
          (scandir (dirname file) (lambda (name) (string-suffix? ".scm" name)))))))

(define (load-builtin name)
  (unless (memq name (builtin-plugin-names))
    (let ((near (near-miss (symbol->string name) (map symbol->string (builtin-plugin-names)))))
      (raise-plugin-error name "there is no plugin ~a~a" name
                          (if near
                              (string-append ", did you mean " near "?")
                              (format #f "; there are ~{~a~^, ~}" (builtin-plugin-names))))))
  (module-ref (resolve-interface `(sheepdog plugins ,name)) name))

(define (load-file path)
  (unless (file-exists? path)
    (raise-plugin-error 'file "~a: there is no such file" path))
  (match (call-collecting-plugins
          (lambda ()
            (save-module-excursion
             (lambda ()
               (set-current-module (make-fresh-user-module))
               (primitive-load path)))))
    ((plugin) plugin)
    (() (raise-plugin-error 'file "~a: it declares no plugin with define-plugin" path))
    (plugins
     (raise-plugin-error 'file "~a: it declares ~a plugins (~{~a~^, ~}); a file has one" path
                         (length plugins) (map plugin-name plugins)))))

(define (load-plugin source)
  "The plugin called SOURCE, a symbol, or declared in the file SOURCE, a string.
Errors: &plugin-error that says what is wrong and where."
  (if (symbol? source)
      (load-builtin source)
      (with-exception-handler
          (lambda (exception)
            (if (plugin-error? exception)
                (raise-exception exception)
                (raise-plugin-error 'file "~a: ~a" source (exception->text exception))))
        (lambda () (load-file source))
        #:unwind? #t)))
