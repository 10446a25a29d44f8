;;; plugins.scm -- sheepdog plugins: the plugins there are, from their declarations.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command plugins)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog config)
  #:use-module (sheepdog named-plugin)
  #:use-module (sheepdog option)
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog plugin-loader)
  #:use-module (sheepdog program)
  #:use-module (sheepdog table)
  #:use-module (srfi srfi-1)
  #:export (main first-sentence))

(define (main options)
  "Show the plugins, or the one that OPTIONS name; return the exit status."
  (call-as-program
   "sheepdog"
   (lambda ()
     (let* ((path (option options 'config))
            (configuration (and path (load-configuration path)))
            (configured (if configuration (configuration-plugins configuration) '()))
            (monitors (if configuration (configuration-monitors configuration) '()))
            (name (option options 'name))
            (json? (option options 'json)))
       (cond
        (name
         (let ((plugin (or (configured-plugin name configured) (find-plugin name))))
           (if json?
               (print-as-json (list plugin) monitors)
               (print-plugin plugin (monitors-of plugin monitors) path))))
        (else
         (let ((plugins (delete-duplicates
                         (append configured (map load-plugin (builtin-plugin-names)))
                         (lambda (a b) (eq? (plugin-name a) (plugin-name b))))))
           (if json? (print-as-json plugins monitors) (print-plugins plugins monitors)))))
       exit-good))))

(define (configured-plugin name plugins)
  (find (lambda (plugin) (string=? name (symbol->string (plugin-name plugin)))) plugins))

(define (monitors-of plugin monitors)
  (filter (lambda (monitor) (eq? plugin (monitor-plugin monitor))) monitors))

(define (effective-every plugin monitors)
  ;; As configured; as declared where it is not.
  (match (monitors-of plugin monitors)
    (() (plugin-every plugin))
    ((monitor . _) (monitor-every monitor))))

(define (first-sentence text)
  "The first sentence of TEXT, without its full stop."
  (let ((end (string-contains text ". ")))
    (string-trim-right (if end (substring text 0 end) text) #\.)))

(define (print-plugins plugins monitors)
  (print-table '(plugin every what)
               (map (lambda (plugin)
                      (list (plugin-name plugin)
                            (and=> (effective-every plugin monitors) every->text)
                            (first-sentence (plugin-doc plugin))))
                    plugins)
               #:right-aligned '(every))
  (format #t "~%A plugin without a time only receives.  More about one: sheepdog plugins NAME~%"))

(define (every->text seconds)
  ;; As it is written in a configuration.
  (match (find (lambda (unit) (and (integer? (/ seconds (car unit)))))
               '((86400 . "d") (3600 . "h") (60 . "m") (1 . "s")))
    ((size . letter) (format #f "~a~a" (/ seconds size) letter))
    (#f (format #f "~as" (exact->inexact seconds)))))

(define (every->form seconds)
  ;; As it is written in a configuration.
  (match (find (match-lambda ((size . _) (integer? (/ seconds size))))
               '((86400 . days) (3600 . hours) (60 . minutes) (1 . seconds)))
    ((size . unit) (format #f "(~a ~a)" unit (inexact->exact (/ seconds size))))
    (#f (format #f "~a" seconds))))

(define (plugin-source plugin configuration-path)
  ;; What names PLUGIN in a configuration, as written there: file names are relative to its directory.
  (define file (plugin-file plugin))
  (define directory
    (and configuration-path (string-append (dirname (absolute configuration-path)) "/")))
  (if (or (not file) (and (memq (plugin-name plugin) (builtin-plugin-names))
                          (eq? plugin (load-plugin (plugin-name plugin)))))
      (format #f "'~a" (plugin-name plugin))
      (let ((path (absolute file)))
        (format #f "~s" (if (and directory (string-prefix? directory path))
                            (substring path (string-length directory))
                            path)))))

(define (absolute path)
  (if (absolute-file-name? path) path (in-vicinity (getcwd) path)))

(define (print-plugin plugin monitors configuration-path)
  (format #t "~a -- ~a~%~%" (plugin-name plugin) (first-sentence (plugin-doc plugin)))
  (let ((rest (substring (plugin-doc plugin)
                         (min (string-length (plugin-doc plugin))
                              (+ 1 (string-length (first-sentence (plugin-doc plugin))))))))
    (unless (string-null? (string-trim-both rest))
      (format #t "~a~%~%" (string-trim-both rest))))
  (if (plugin-monitor plugin)
      (begin
        (format #t "Its monitor runs every ~a.~%"
                (every->text (effective-every plugin monitors)))
        (format #t "In a configuration: (monitor ~a~a)~%" (plugin-source plugin configuration-path)
                (match (plugin-options plugin)
                  (() "")
                  ((option . _)
                   (format #f " #:~a ~s" (option-name option) (option-default option))))))
      (format #t "It only receives; any script can send it a report:
  sheepdog send --plugin ~a --service NAME ...~%" (plugin-name plugin)))
  (when (plugin-monitor plugin)
    (format #t "~%Options:~%")
    (print-option 'every "How often it looks." "a length of time such as (minutes 5)"
                  (every->form (plugin-every plugin))
                  (map (compose every->form monitor-every) monitors))
    (for-each (lambda (option)
                (print-option (option-name option) (option-help option)
                              (describe-check (option-check-name option))
                              (format #f "~s" (option-default option))
                              (map (lambda (monitor)
                                     (format #f "~s" (option-ref (monitor-options monitor)
                                                                 (option-name option))))
                                   monitors)))
              (plugin-options plugin)))
  (when (plugin-file plugin)
    (format #t "~%Declared in ~a~%" (plugin-file plugin))))

(define (print-option name help check default configured)
  ;; CONFIGURED has its value in each monitor that is configured; all of these are texts.
  (format #t "  #:~a~%      ~a~%      ~a; default: ~a~a~%" name help check default
          (if (every (lambda (value) (string=? value default)) configured)
              ""
              (format #f "; configured: ~a" (string-join configured ", ")))))

(define (print-as-json plugins monitors)
  (print-json
   '(name doc every only_receives options file)
   (map (lambda (plugin)
          (list (plugin-name plugin) (plugin-doc plugin) (effective-every plugin monitors)
                (not (plugin-monitor plugin))
                (list->vector
                 (map (lambda (option)
                        `(("name" . ,(option-name option))
                          ("default" . ,(object->string (option-default option)))
                          ("check" . ,(describe-check (option-check-name option)))
                          ("help" . ,(option-help option))))
                      (plugin-options plugin)))
                (plugin-file plugin)))
        plugins)
   #:json-cells '(only_receives options)))
