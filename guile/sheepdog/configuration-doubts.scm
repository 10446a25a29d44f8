;;; configuration-doubts.scm -- what is right in a configuration and will hardly do what is wanted.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog configuration-doubts)
  #:use-module (sheepdog config)
  #:use-module (sheepdog notifier)
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog plugin-loader)
  #:use-module (srfi srfi-1)
  #:export (configuration-doubts))

(define (configuration-doubts configuration)
  "What CONFIGURATION will hardly be meant to do, or cannot do on this machine now: a list of lines."
  (append (monitors-that-fight (map monitor-name (configuration-monitors configuration)))
          (plugins-that-hide-others (configuration-plugins configuration))
          (append-map (lambda (notifier) ((notifier-warnings notifier)))
                      (configuration-notify configuration))))

(define (monitors-that-fight names)
  (define (twice? name) (> (count (lambda (other) (eq? other name)) names) 1))
  (map (lambda (name)
         (format #f "two monitors of ~a: where they report the same services, each changes what the \
other said; one with the options of both is enough" name))
       (delete-duplicates (filter twice? names))))

(define (plugins-that-hide-others plugins)
  (filter-map
   (lambda (plugin)
     (let ((name (plugin-name plugin)))
       (and (memq name (builtin-plugin-names))
            (not (eq? plugin (load-plugin name)))
            (format #f "~a has the name of a plugin that comes with Sheepdog, ~a, and its receiver \
gets the reports of that one; call it otherwise" (or (plugin-file plugin) "a plugin") name))))
   (delete-duplicates plugins eq?)))
