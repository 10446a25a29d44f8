;;; plugin.scm -- what a plugin needs, and the form that declares one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A plugin is one file: a monitor, which looks at the watched host and makes reports, and a
;;; receiver, which says on the server what such a report means.  It uses this module and nothing
;;; below it.
(define-module (sheepdog plugin)
  #:use-module (ice-9 match)
  #:use-module (sheepdog assertion)
  #:use-module (sheepdog command)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog machine)
  #:use-module (sheepdog option)
  #:use-module (sheepdog report)
  #:use-module (sheepdog task)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-9 gnu)
  #:re-export (;; what a monitor makes
               report
               ;; what a receiver reads
               report-host report-service report-plugin report-status report-summary report-time
               report-data report-ref data-ref
               ;; what a receiver says
               status fact facts no-fact sample event run expect
               ;; waiting without holding anybody up
               with-timeout
               run-command command-result-exit command-result-signal command-result-output
               command-result-error command-result-seconds command-succeeded?
               ;; options and units
               option-ref percentage? strings? duration? positive-number? positive-integer? natural? port-number?
               non-empty-string? one-of
               milliseconds seconds minutes hours days weeks
               kibibytes mebibytes gibibytes tebibytes format-bytes format-seconds
               format-count percent
               raise-check-failed
               ;; the machine
               machine-path machine-file find-number processor-count process-states
               file-system-space
               ;; what may go wrong there
               core-error? core-error-code timed-out? exception->text)
  #:re-export-and-replace (sleep)
  #:export (define-plugin
            given-status
            plugin? plugin-name plugin-doc plugin-every plugin-options plugin-monitor
            plugin-receiver plugin-file plugin-stateful?
            make-plugin call-collecting-plugins))

(define-immutable-record-type <plugin>
  (%make-plugin name doc every options monitor receiver file)
  plugin?
  (name plugin-name)          ; symbol
  (doc plugin-doc)            ; string, its first sentence is a line of `sheepdog plugins'
  (every plugin-every)        ; seconds between two rounds of the monitor; #f without monitor
  (options plugin-options)    ; list of <option>
  (monitor plugin-monitor)    ; options -> reports; or options state -> reports state; or #f
  (receiver plugin-receiver)  ; report -> assertions
  (file plugin-file))         ; where it was declared

(define (plugin-stateful? plugin)
  "True where the monitor of PLUGIN takes its options and a state, and returns reports and the state
for the next round."
  (let ((monitor (plugin-monitor plugin)))
    (and monitor
         (match (procedure-minimum-arity monitor)
           ((required optional rest?) (>= (+ required optional) 2))
           (_ #f)))))

(define (takes? procedure least most)
  ;; Whether PROCEDURE can be called with LEAST arguments, or some more up to MOST.
  (match (procedure-minimum-arity procedure)
    ((required optional rest?)
     (and (<= required most) (or rest? (>= (+ required optional) least))))
    (_ #t)))

(define (report-status-as-it-is report)
  (list (status (report-status report))))

(define (given-status report)
  "A list of the status assertion that REPORT carries; empty where it says nothing of a status."
  (if (eq? (report-status report) 'unknown) '() (report-status-as-it-is report)))

(define* (make-plugin name doc #:key every (options '()) monitor
                      (receiver report-status-as-it-is) file)
  "A plugin called NAME (a symbol), described by DOC.  MONITOR runs EVERY so many seconds on the
watched host; RECEIVER, where left out, takes the report's status as it is.
Errors: &plugin-error."
  ;; A monitor that fails is a service with a name that is longer than the plugin's.
  (let ((fault (%name-fault (string-append "monitor " (symbol->string name)))))
    (when fault (raise-plugin-error name "the name of the plugin ~s ~a" (symbol->string name)
                                  fault)))
  (unless (string? doc)
    (raise-plugin-error name "plugin ~a has no docstring; it is its line in the manual" name))
  (when (and monitor (not (duration? every)))
    (raise-plugin-error name "plugin ~a has a monitor; say how often with #:every (minutes 5)" name))
  (when (and every (not monitor))
    (raise-plugin-error name "plugin ~a has #:every, and no #:monitor that could run" name))
  (for-each
   (lambda (what value)
     (unless (or (not value) (procedure? value))
       (raise-plugin-error name "plugin ~a: #:~a is ~s, it must be a procedure" name what value)))
   '(monitor receiver) (list monitor receiver))
  (unless (or (not monitor) (takes? monitor 1 2))
    (raise-plugin-error name "plugin ~a: the monitor takes one argument, its options (or two, with a \
state): (lambda (options) ...)" name))
  (unless (takes? receiver 1 1)
    (raise-plugin-error name "plugin ~a: the receiver takes one argument, the report: (lambda (report) \
...)" name))
  (for-each
   (lambda (option)
     (unless ((option-check option) (option-default option))
       (raise-plugin-error name "plugin ~a: the default of #:~a is ~s, it must be ~a" name
                           (option-name option) (option-default option)
                           (describe-check (option-check-name option)))))
   options)
  (%make-plugin name doc every options monitor receiver file))

;; A procedure that takes each plugin as it is declared; a loader sets it while it loads a file.
(define plugin-collector (make-parameter (const #t)))

(define (call-collecting-plugins thunk)
  "Call THUNK and return the list of plugins that were declared meanwhile."
  (let ((plugins '()))
    (parameterize ((plugin-collector (lambda (plugin) (set! plugins (cons plugin plugins)))))
      (thunk))
    (reverse plugins)))

(define-syntax define-plugin
  (lambda (form)
    "(define-plugin NAME DOC [#:every SECONDS] [#:options ((NAME DEFAULT CHECK HELP) ...)]
[#:monitor PROCEDURE] [#:receiver PROCEDURE]) defines and exports NAME as a plugin."
    (define (option->expression option)
      (syntax-case option ()
        ((name default check help)
         (identifier? #'name)
         #'(make-option 'name default check 'check help))
        (other
         (syntax-violation 'define-plugin "an option is (NAME DEFAULT CHECK HELP)" form #'other))))
    (define known '(#:every #:options #:monitor #:receiver))
    (define (check-keyword keyword)
      (define (name-of keyword) (symbol->string (keyword->symbol keyword)))
      (if (memq (syntax->datum keyword) known)
          keyword
          (let ((near (near-miss (name-of (syntax->datum keyword)) (map name-of known))))
            (syntax-violation 'define-plugin
                              (format #f "unknown keyword #:~a~a" (name-of (syntax->datum keyword))
                                      (if near (string-append ", did you mean #:" near "?") ""))
                              form keyword))))
    (define (arguments->expressions arguments)
      (syntax-case arguments ()
        (() '())
        ((keyword value . rest)
         (keyword? (syntax->datum #'keyword))
         (cons* (check-keyword #'keyword)
                (if (eq? (syntax->datum #'keyword) #:options)
                    (syntax-case #'value ()
                      ((option ...)
                       #`(list #,@(map option->expression #'(option ...))))
                      (_ (syntax-violation 'define-plugin "#:options takes a list" form #'value)))
                    #'value)
                (arguments->expressions #'rest)))
        ((other . rest)
         (syntax-violation 'define-plugin "expected a keyword and its value" form #'other))))
    (syntax-case form ()
      ((_ name) (identifier? #'name) #'(make-plugin 'name #f))
      ((_ name keyword . _)
       (and (identifier? #'name) (keyword? (syntax->datum #'keyword)))
       #'(make-plugin 'name #f))
      ((_ name doc argument ...)
       (identifier? #'name)
       (with-syntax (((expression ...) (arguments->expressions #'(argument ...)))
                     (file (or (assq-ref (or (syntax-source form) '()) 'filename) #f)))
         #'(begin
             (define name (make-plugin 'name doc #:file file expression ...))
             (export name)
             ((plugin-collector) name)))))))
