;;; plugin-test.scm -- the form that declares a plugin, and the loader that finds them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog error)
             (sheepdog option)
             (sheepdog plugin)
             (sheepdog plugin-loader)
             (sheepdog plugin-test)
             (sheepdog report)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define (failure thunk)
  (with-exception-handler exception->text thunk #:unwind? #t))

(define (declaration-failure . form)
  "What is wrong with (define-plugin probe . FORM)."
  (failure (lambda ()
             (primitive-eval `(define-plugin probe ,@form)))))

;; What is wrong with a name, in the words of who refuses it.
(define (name-failure make) (failure (lambda () (make) "nothing")))

(define-plugin whole
  "Watch nothing.  At length."
  #:every (minutes 5)
  #:options ((warning 80 percentage? "Use from which the status is warning.")
             (ignore '("tmpfs") strings? "What is left out."))
  #:monitor (lambda (options) (list (report "whole" #:status 'ok)))
  #:receiver (lambda (report) (list (status 'ok) (sample "whole.x" 1))))

(define-plugin stateful
  "Remember."
  #:every 1
  #:monitor (lambda (options state) (values '() state)))

(define-plugin plain "Receive only.")

(define (options-failure . arguments)
  (failure (lambda () (complete-options (plugin-options whole) arguments "disk" "c.scm:3:4"))))

;; What is measured here may be too much, may be too little, and its options have other names, too.
(define-plugin thresholds
  "Watch three things."
  #:every (minutes 5)
  #:options ((warning 80 percentage? "Use from which the status is warning.")
             (critical 95 percentage? "Use from which it is critical.")
             (left-warning 20 natural? "What is left, from which it is a warning.")
             (left-critical 10 natural? "The same for critical.")
             (slow-warning #f (lambda (x) #t) "Seconds; #f: any.")
             (slow-critical 5 positive-number? "The same for critical."))
  #:monitor (lambda (options) '()))

(define (thresholds-failure . arguments)
  (failure (lambda ()
             (complete-options (plugin-options thresholds) arguments "x" "c.scm:3:4")
             'fine)))

(define (call-with-plugin text proc)
  "Call PROC with the name of a file that holds TEXT."
  (call-with-temporary-directory
   (lambda (directory)
     (let ((file (string-append directory "/sheep.scm")))
       (call-with-output-file file
         (lambda (port) (set-port-encoding! port "UTF-8") (display text port)))
       (chmod file #o600)
       (proc file)))))

(define (load-text text)
  (call-with-plugin text load-plugin))

(define (load-failure text)
  "What is said of a file that holds TEXT, where FILE stands for its name."
  (call-with-plugin text
    (lambda (file)
      (let* ((said (failure (lambda () (load-plugin file))))
             (at (and (string? said) (string-contains said file))))
        (if at (string-replace said "FILE" at (+ at (string-length file))) said)))))

(define module-line "(define-module (my sheep) #:use-module (sheepdog plugin))\n")

(test-suite "plugin"
  (test-equal "a name is one that the core takes"
    '("the name of a service has a control character: \"a\\nb\""
      "the name of a service is empty: \"\""
      "the name of a host is longer than 255 bytes"
      "the name of the plugin \"a\\x7fb\" has a control character"
      "nothing")
    (map (lambda (make)
           (let ((text (name-failure make)))
             (substring text 0 (or (string-contains text ": \"xx") (string-length text)))))
         (list (lambda () (report "a\nb"))
               (lambda () (report ""))
               (lambda () (report "a" #:host (make-string 256 #\x)))
               (lambda () (make-plugin (string->symbol "a\x7fb") "Nothing."))
               (lambda () (report (make-string 255 #\x))))))

  ;; The form
  (test-equal "a plugin is what was declared"
    '(whole "Watch nothing.  At length." 300 (warning ignore) #t #t #f)
    (list (plugin-name whole) (plugin-doc whole) (plugin-every whole)
          (map option-name (plugin-options whole))
          (procedure? (plugin-monitor whole)) (procedure? (plugin-receiver whole))
          (plugin-stateful? whole)))

  (test-equal "a monitor of two arguments keeps a state"
    #t (plugin-stateful? stateful))

  (test-equal "a plugin without receiver takes the status as it is"
    (list (status 'warning))
    (receive-report plain (report "x" #:status 'warning)))

  (test-equal "a plugin without monitor has no rounds"
    '(#f #f #f)
    (list (plugin-every plain) (plugin-monitor plain) (plugin-stateful? plain)))

  (test-equal "an option carries its check and its help"
    '(80 percentage? "Use from which the status is warning." #t #f)
    (let ((option (car (plugin-options whole))))
      (list (option-default option) (option-check-name option) (option-help option)
            ((option-check option) 100) ((option-check option) 101))))

  (test-equal "the file is known"
    "plugin-test.scm" (basename (plugin-file whole)))

  (test-equal "no docstring"
    "plugin probe has no docstring; it is its line in the manual"
    (declaration-failure #:receiver '(lambda (report) '())))
  (test-equal "nothing but a name"
    "plugin probe has no docstring; it is its line in the manual"
    (declaration-failure))
  (test-equal "a monitor that is never run"
    "plugin probe has a monitor; say how often with #:every (minutes 5)"
    (declaration-failure "Probe." #:monitor '(lambda (options) '())))
  (test-equal "rounds of nothing"
    "plugin probe has #:every, and no #:monitor that could run"
    (declaration-failure "Probe." #:every 5))
  (test-equal "a monitor that is none"
    "plugin probe: #:monitor is 7, it must be a procedure"
    (declaration-failure "Probe." #:every 5 #:monitor 7))
  (test-equal "procedures that take other arguments than they are given"
    '("plugin probe: the monitor takes one argument, its options (or two, with a state): (lambda \
(options) ...)"
      "plugin probe: the receiver takes one argument, the report: (lambda (report) ...)")
    (list (declaration-failure "Probe." #:every 5 #:monitor '(lambda () '()))
          (declaration-failure "Probe." #:receiver '(lambda (report state) '()))))
  (test-equal "a default that its own check refuses"
    "plugin probe: the default of #:warning is 180, it must be a percentage (0 to 100)"
    (declaration-failure "Probe." #:options '((warning 180 percentage? "Use."))))

  ;; Options
  (test-equal "defaults and what is given instead"
    '((warning . 85) (ignore "tmpfs"))
    (complete-options (plugin-options whole) '(#:warning 85) "disk" #f))
  (test-equal "an unknown option, and which one was meant"
    "disk: unknown option #:warnign, did you mean #:warning?"
    (options-failure #:warnign 85))
  (test-equal "one that is like none"
    "disk: unknown option #:frequency; it has #:warning, #:ignore"
    (options-failure #:frequency 85))
  (test-equal "thresholds in a wrong order"
    "x: #:warning is 95 and #:critical is 80, so there would be no warning; #:critical must be at \
least #:warning"
    (thresholds-failure #:warning 95 #:critical 80))
  (test-equal "against a default"
    "x: #:warning is 96 and #:critical is 95 where it is left out, so there would be no warning; \
#:critical must be at least #:warning"
    (thresholds-failure #:warning 96))
  (test-equal "where less is worse"
    "x: #:left-warning is 20 where it is left out and #:left-critical is 21, so there would be no \
warning; #:left-critical must be at most #:left-warning"
    (thresholds-failure #:left-critical 21))
  (test-equal "thresholds in a right order, equal ones, and one that is none"
    '(fine fine fine fine)
    (list (thresholds-failure #:warning 20 #:critical 21)
          (thresholds-failure #:warning 90 #:critical 90)
          (thresholds-failure #:left-warning 5 #:left-critical 4)
          (thresholds-failure #:slow-warning 9)))
  (test-equal "a value that is refused"
    "disk: #:warning is \"85\", it must be a percentage (0 to 100)"
    (options-failure #:warning "85"))
  (test-equal "an option without value"
    "disk: #:warning has no value"
    (options-failure #:warning))
  (test-equal "an option twice"
    "disk: #:warning is given twice"
    (options-failure #:warning 1 #:warning 2))
  (test-equal "a value without option"
    "disk: 85 stands where an option such as #:every would"
    (options-failure 85))

  ;; Built-in plugins
  (test-equal "the plugins that come with Sheepdog"
    '(disk fact host load memory message network packages processes run sample)
    (builtin-plugin-names))

  (test-assert "each of them is found by its name, says what it is, and helps with its options"
    (every (lambda (name)
             (let ((plugin (load-plugin name)))
               (and (eq? name (plugin-name plugin))
                    (string-suffix? "." (plugin-doc plugin))
                    (every (lambda (option) (string-suffix? "." (option-help option)))
                           (plugin-options plugin)))))
           (builtin-plugin-names)))

  (test-equal "those that are run by default have a monitor, and no others"
    (filter (lambda (name) (plugin-monitor (load-plugin name))) (builtin-plugin-names))
    (sort default-monitors
          (lambda (a b) (string<? (symbol->string a) (symbol->string b)))))

  (test-equal "a slip in a name"
    "there is no plugin memroy, did you mean memory?"
    (failure (lambda () (load-plugin 'memroy))))
  (test-equal "a name that is like none"
    "there is no plugin kangaroo; there are disk, fact, host, load, memory, message, network, \
packages, processes, run, sample"
    (failure (lambda () (load-plugin 'kangaroo))))

  ;; Plugins of one's own
  (test-equal "a plugin in a file"
    '(sheep "sheep.scm" ("ünïcode"))
    (let ((plugin (load-text (string-append module-line "
(define (look options) (list (report \"ünïcode\" #:status 'ok)))
(define-plugin sheep \"Count sheep.\" #:every (minutes 1) #:monitor look)
"))))
      (list (plugin-name plugin) (basename (plugin-file plugin))
            (map report-service (look-with plugin)))))

  (test-equal "one without a module of its own"
    'sheep
    (plugin-name (load-text "(use-modules (sheepdog plugin)) (define-plugin sheep \"Count.\")")))

  (test-equal "one that takes a built-in's name takes nothing else of it"
    '("Mine." "Watch the load average.")
    (let ((mine (load-text "(define-module (sheepdog plugins load) #:use-module (sheepdog plugin))
(define (look options) 'mine)
(define-plugin load \"Mine.\" #:every 5 #:monitor look)")))
      (list (plugin-doc mine) (plugin-doc (load-plugin 'load)))))

  (test-equal "a file is read anew, and nothing of what it was is left"
    '(1 "FILE:2:1: Unbound variable: helper")
    (call-with-plugin
        (string-append module-line "(define helper 1) (define-plugin sheep \"S.\")
(set! helper ((@ (guile) +) helper 0))")
      (lambda (file)
        (define (loaded) (load-plugin file))
        (loaded)
        (call-with-output-file file
          (lambda (port)
            (display (string-append module-line "(define-plugin sheep (begin helper \"S.\"))")
                     port)))
        (let ((said (failure loaded)))
          (list 1 (string-append "FILE" (substring said (string-length file))))))))

  (test-equal "no such file"
    "/no/such.scm: there is no such file"
    (failure (lambda () (load-plugin "/no/such.scm"))))
  (test-equal "a directory"
    "/: it is a directory, a plugin is a file"
    (failure (lambda () (load-plugin "/"))))
  (test-equal "a file without plugin"
    "FILE: it declares no plugin with define-plugin"
    (load-failure module-line))
  (test-equal "a file with two"
    "FILE: it declares 2 plugins (a, b); a file has one"
    (load-failure (string-append module-line "(define-plugin a \"A.\")\n(define-plugin b \"B.\")")))
  (test-equal "a file that others can write to"
    "FILE: others can write to this file, and it is code: chmod go-w "
    (call-with-plugin (string-append module-line "(define-plugin a \"A.\")")
      (lambda (file)
        (chmod file #o666)
        (let ((said (failure (lambda () (load-plugin file)))))
          (string-append "FILE" (string-drop-right (substring said (string-length file))
                                                   (string-length file)))))))

  (test-equal "an open parenthesis"
    "FILE:3:1: unexpected end of input while searching for: )"
    (load-failure (string-append module-line "(define-plugin sheep \"Count.\"\n")))
  (test-equal "an error of syntax is where it is"
    "FILE:3:2: an option is (NAME DEFAULT CHECK HELP) (define-plugin)"
    (load-failure (string-append module-line "(define-plugin sheep \"Count.\" #:options (
 (warning 80)))")))
  (test-equal "a value where a keyword should be"
    "FILE:2:31: expected a keyword and its value (define-plugin)"
    (load-failure (string-append module-line "(define-plugin sheep \"Count.\" 5)")))
  (test-equal "an unknown keyword"
    "FILE:2:31: unknown keyword #:evry, did you mean #:every? (define-plugin)"
    (load-failure (string-append module-line "(define-plugin sheep \"Count.\" #:evry 5)")))
  (test-equal "what make-plugin refuses is where the form is"
    "FILE:2:1: plugin sheep has #:every, and no #:monitor that could run"
    (load-failure (string-append module-line "(define-plugin sheep \"Count.\" #:every 5)")))
  (test-equal "an unbound variable"
    "FILE:3:1: Unbound variable: lok"
    (load-failure (string-append module-line "
(define-plugin sheep \"Count.\" #:every 5 #:monitor lok)")))
  (test-equal "a module that is not there"
    "FILE:1:1: no code for module (no such module)"
    (load-failure "(define-module (my sheep) #:use-module (no such module))"))
  (test-raises "all of them are &plugin-error" plugin-error?
    (load-text "(car '())")))
