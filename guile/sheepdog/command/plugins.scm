;;; plugins.scm -- sheepdog plugins: the plugins there are, from their declarations.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command plugins)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
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
     (let* ((configured (match (option options 'config)
                          (#f '())
                          (path (configuration-plugins (load-configuration path)))))
            (name (option options 'name))
            (json? (option options 'json)))
       (cond
        (name
         (let ((plugin (or (configured-plugin name configured) (find-plugin name))))
           (if json? (print-as-json (list plugin)) (print-plugin plugin))))
        (else
         (let ((plugins (delete-duplicates
                         (append configured (map load-plugin (builtin-plugin-names)))
                         (lambda (a b) (eq? (plugin-name a) (plugin-name b))))))
           (if json? (print-as-json plugins) (print-plugins plugins)))))
       exit-good))))

(define (configured-plugin name plugins)
  (find (lambda (plugin) (string=? name (symbol->string (plugin-name plugin)))) plugins))

(define (first-sentence text)
  "The first sentence of TEXT, without its full stop."
  (let ((end (string-contains text ". ")))
    (string-trim-right (if end (substring text 0 end) text) #\.)))

(define (print-plugins plugins)
  (print-table '(plugin every what)
               (map (lambda (plugin)
                      (list (plugin-name plugin)
                            (and (plugin-every plugin) (every->text (plugin-every plugin)))
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

(define (print-plugin plugin)
  (format #t "~a -- ~a~%~%" (plugin-name plugin) (first-sentence (plugin-doc plugin)))
  (let ((rest (substring (plugin-doc plugin)
                         (min (string-length (plugin-doc plugin))
                              (+ 1 (string-length (first-sentence (plugin-doc plugin))))))))
    (unless (string-null? (string-trim-both rest))
      (format #t "~a~%~%" (string-trim-both rest))))
  (if (plugin-monitor plugin)
      (begin
        (format #t "Its monitor runs every ~a.~%" (every->text (plugin-every plugin)))
        (format #t "In a configuration: (monitor '~a~a)~%" (plugin-name plugin)
                (match (plugin-options plugin)
                  (() "")
                  ((option . _)
                   (format #f " #:~a ~s" (option-name option) (option-default option))))))
      (format #t "It only receives; any script can send it a report:
  sheepdog send --plugin ~a --service NAME ...~%" (plugin-name plugin)))
  (unless (null? (plugin-options plugin))
    (format #t "~%Options:~%")
    (for-each (lambda (option)
                (format #t "  #:~a~%      ~a~%      ~a; default: ~s~%"
                        (option-name option) (option-help option)
                        (describe-check (option-check-name option))
                        (option-default option)))
              (plugin-options plugin)))
  (when (plugin-file plugin)
    (format #t "~%Declared in ~a~%" (plugin-file plugin))))

(define (print-as-json plugins)
  (print-json
   '(name doc every only_receives options file)
   (map (lambda (plugin)
          (list (plugin-name plugin) (plugin-doc plugin) (plugin-every plugin)
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
