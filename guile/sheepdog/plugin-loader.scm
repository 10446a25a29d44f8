;;; plugin-loader.scm -- finds plugins: built-in ones by name, others by their file.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A plugin's file is interpreted: measured, that loads it in 7 to 30 ms, where compiling it takes
;;; 150 to 800 ms and 16 MB that a daemon keeps. Its monitor then takes up to five times as long as
;;; a compiled one, which is still a fraction of a millisecond.
(define-module (sheepdog plugin-loader)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog plugin)
  #:use-module (srfi srfi-1)
  #:export (current-evaluator compile-and-run load-plugin compile-plugin builtin-plugin-names default-monitors
            code-file-fault))

(define default-monitors
  ;; The plugins whose monitors a daemon without a configuration runs.
  '(host load memory disk network processes packages))

(define (builtin-plugin-names)
  "The names of the plugins that come with Sheepdog, symbols in alphabetical order."
  (match (%search-load-path "sheepdog/plugins/message.scm")
    (#f '())
    (file
     (map (lambda (name) (string->symbol (substring name 0 (- (string-length name) 4))))
          (scandir (dirname file)
                   (lambda (name)
                     (and (string-suffix? ".scm" name) (not (string-prefix? "." name)))))))))

(define (load-builtin name)
  (unless (memq name (builtin-plugin-names))
    (let ((near (near-miss (symbol->string name) (map symbol->string (builtin-plugin-names)))))
      (raise-plugin-error name "there is no plugin ~a~a" name
                          (if near
                              (string-append ", did you mean " near "?")
                              (format #f "; there are ~{~a~^, ~}" (builtin-plugin-names))))))
  (module-ref (resolve-interface `(sheepdog plugins ,name)) name))

(define (code-file-fault path)
  "Why the file PATH, which is code, must not be run, a string; #f where it may."
  (let ((info (stat path)))
    (cond
     ((and (eq? 'regular (stat:type info)) (not (zero? (logand (stat:perms info) #o022))))
      (format #f "others can write to this file, and it is code: chmod go-w ~a" path))
     ((not (memv (stat:uid info) (list 0 (geteuid))))
      "this file belongs to another user, and it is code; it must be yours or root's")
     ;; Where it is a link, also who could put another file there.
     ((find replaceable? (delete-duplicates
                          (list (dirname path) (dirname (canonicalize-path path)))))
      => (lambda (directory)
           (format #f "others can write to the directory ~a, and so replace this file, which is code: \
chmod go-w ~a" directory directory)))
     (else #f))))

(define (replaceable? directory)
  ;; In a directory with the sticky bit nobody replaces what is another's.
  (let ((perms (stat:perms (stat directory))))
    (and (not (zero? (logand perms #o022)))
         (zero? (logand perms #o1000)))))

(define (location source)
  "\":LINE:COLUMN\" of SOURCE, a form's properties; empty where it has none."
  (let ((line (assq-ref source 'line)))
    (if line (format #f ":~a:~a" (+ 1 line) (+ 1 (or (assq-ref source 'column) 0))) "")))

(define (describe-failure path form exception)
  "What EXCEPTION says and where in the file PATH: FORM, a syntax, or #f, is what was read last."
  (define (at source text)
    (string-append path (location source) ": " text))
  (define here (or (and form (syntax-source form)) '()))
  (match (and (not (plugin-error? exception)) (exception? exception)
              (cons (exception-kind exception) (exception-args exception)))
    (('syntax-error who text source subject . _)
     (at (if (list? source) source here)
         (string-append (if (string? text) text (format #f "~a" text))
                        (if (symbol? who) (format #f " (~a)" who) ""))))
    ;; The reader says where, and not what it is about.
    (('read-error . _) (exception->text exception))
    (_ (at here (exception->text exception)))))

(define (fresh-module-name path)
  "The name of a module for the file PATH alone, whatever the file calls itself: it must not get into
a built-in plugin, nor into what an earlier version of it left behind."
  (let* ((parent '(sheepdog plugin-file))
         (name (string->symbol path))
         (table (module-submodules (resolve-module parent #f #:ensure #t))))
    (hashq-remove! table name)
    (append parent (list name))))

(define (own-module form path)
  "FORM, a syntax, where a define-module names the module of PATH."
  (match (syntax->datum form)
    (('define-module _ . rest) `(define-module ,(fresh-module-name path) ,@rest))
    (_ form)))

;; Evaluates a form of a plugin's file, in the current module.  Who wants to know where something fails
;; when it runs compiles instead.
(define current-evaluator (make-parameter primitive-eval))

(define (load-forms path)
  "Evaluate the file PATH, form by form.  Errors: &plugin-error that says where."
  (define name (string->symbol (basename path ".scm")))
  (define form #f)
  (define (guarded thunk)
    (with-exception-handler
        (lambda (exception)
          (raise-plugin-error name "~a" (describe-failure path form exception)))
      thunk
      #:unwind? #t))
  (save-module-excursion
   (lambda ()
     (set-current-module (make-fresh-user-module))
     (call-with-input-file path
       (lambda (port)
         (let loop ()
           (set! form (guarded (lambda () (read-syntax port))))
           (unless (eof-object? form)
             (guarded (lambda () ((current-evaluator) (own-module form path))))
             (loop))))
       #:guess-encoding #t))))

(define (load-file path)
  (define name (string->symbol (basename path ".scm")))
  (unless (file-exists? path)
    (raise-plugin-error name "~a: there is no such file" path))
  (when (file-is-directory? path)
    (raise-plugin-error name "~a: it is a directory, a plugin is a file" path))
  (unless (access? path R_OK)
    (raise-plugin-error name "~a: it cannot be read" path))
  (let ((fault (code-file-fault path)))
    (when fault (raise-plugin-error name "~a: ~a" path fault)))
  (let ((text (call-with-input-file path get-bytevector-all #:binary #t)))
    (match (hash-ref loaded path)
      ((before evaluator plugin)
       (if (and (equal? before text) (eq? evaluator (current-evaluator)))
           plugin
           (load-anew path name text)))
      (#f (load-anew path name text)))))

;; Path -> text, evaluator and plugin.  A file that has not changed is the same plugin, so that a
;; monitor of it can go on where the configuration is read again.
(define loaded (make-hash-table))

(define (load-anew path name text)
  (match (call-collecting-plugins (lambda () (load-forms path)))
    ((plugin)
     (hash-set! loaded path (list text (current-evaluator) plugin))
     plugin)
    (() (raise-plugin-error name "~a: it declares no plugin with define-plugin" path))
    (plugins
     (raise-plugin-error name "~a: it declares ~a plugins (~{~a~^, ~}); a file has one" path
                         (length plugins) (map plugin-name plugins)))))

(define (compile-and-run form)
  "Evaluate FORM, a syntax, in the current module as compiled code."
  (match (syntax->datum form)
    ;; What comes after it is in that module; the compiler would come back to the present one.
    (('define-module . _) (primitive-eval form))
    (_ ((module-ref (resolve-interface '(system base compile)) 'compile)
        form #:env (current-module) #:warning-level 0))))

(define (compile-plugin plugin)
  "PLUGIN once more, from its file, as compiled code, which knows where in the file it is; #f where it
comes with Sheepdog, or its file is another by now."
  (define path (plugin-file plugin))
  (match (and path (hash-ref loaded path))
    ((text _ (? (lambda (known) (eq? known plugin))))
     (and (file-exists? path)
          (equal? text (call-with-input-file path get-bytevector-all #:binary #t))
          (parameterize ((current-evaluator compile-and-run))
            (match (call-collecting-plugins (lambda () (load-forms path)))
              ((compiled) compiled)
              (_ #f)))))
    (_ #f)))

(define (load-plugin source)
  "The plugin called SOURCE, a symbol, or declared in the file SOURCE, a string.  A file that
has changed is read anew.  Errors: &plugin-error that says what is wrong and where."
  (if (symbol? source)
      (load-builtin source)
      (load-file source)))
