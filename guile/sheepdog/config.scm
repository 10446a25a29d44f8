;;; config.scm -- what a server-config.scm is made of, and how one is read.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog config)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog configured-path)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (sheepdog notifier)
  #:use-module (sheepdog option)
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog plugin-loader)
  #:use-module (sheepdog retention)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:re-export (milliseconds seconds minutes hours days weeks kibibytes mebibytes gibibytes tebibytes
               console command email retention)
  #:export (configuration configuration? configuration-broker configuration-host
            configuration-monitors configuration-plugins configuration-notify
            configuration-questions configuration-askers configuration-retention
            configuration-spool-size
            monitor monitor? monitor-plugin monitor-every monitor-options monitor-name
            default-configuration load-configuration))

(define-immutable-record-type <monitor>
  (make-monitor plugin every options)
  monitor?
  (plugin monitor-plugin)     ; <plugin>
  (every monitor-every)       ; seconds
  (options monitor-options))  ; alist of every declared option

(define (monitor-name monitor)
  "The name of the plugin of MONITOR, a symbol."
  (plugin-name (monitor-plugin monitor)))

;; SOURCE is a plugin's name, a symbol, or a file, a string.
(define (load-configured-plugin source)
  (load-plugin (if (string? source) (configured-path source) source)))

(define (monitor-at location name . arguments)
  (unless (or (symbol? name) (string? name) (plugin? name))
    (raise-config-error location "monitor: ~s is neither a plugin's name nor a file" name))
  (let* ((owner (format #f "monitor ~a" (if (plugin? name) (plugin-name name) name)))
         (plugin (with-exception-handler
                     (lambda (e)
                       (raise-config-error location "~a: ~a" owner (exception->text e)))
                   (lambda () (if (plugin? name) name (load-configured-plugin name)))
                   #:unwind? #t))
         (every (make-option 'every (plugin-every plugin) duration? 'duration?
                             "How often it looks.")))
    (unless (plugin-monitor plugin)
      (raise-config-error location "~a: this plugin only receives, it has no monitor" owner))
    (let ((options (complete-options (cons every (plugin-options plugin)) arguments owner location)))
      (make-monitor plugin (assq-ref options 'every) (alist-delete 'every options)))))

;; (monitor NAME [#:every SECONDS] [#:OPTION VALUE] ...): run the monitor of the plugin NAME, a
;; symbol, or of the plugin in a file, a string, or of a <plugin>.
(define-located monitor monitor-at)

(define-immutable-record-type <configuration>
  (make-configuration broker host monitors plugins notify questions askers retention spool-size)
  configuration?
  (broker configuration-broker)          ; 'local, or a URL
  (host configuration-host)              ; string, or #f: the machine's own name
  (monitors configuration-monitors)      ; list of <monitor>
  (plugins configuration-plugins)        ; list of <plugin>: receivers besides the built-in ones
  (notify configuration-notify)          ; list of <notifier>
  (questions configuration-questions)    ; list of strings: files and directories, absolute
  (askers configuration-askers)          ; group or anybody: who may ask the daemon
  (retention configuration-retention)    ; <retention>
  (spool-size configuration-spool-size)) ; bytes

(define (default-monitors-configured)
  (map (lambda (name) (monitor-at #f name)) default-monitors))

(define (broker? x) (or (eq? x 'local) (non-empty-string? x)))
(define (spool-size? x) (and (exact-integer? x) (>= x (mebibytes 1))))
(define (host? x) (or (not x) (non-empty-string? x)))
(define (list-of predicate) (lambda (x) (and (list? x) (every predicate x))))

(define (hint value written)
  ;; WRITTEN says how what is called by a name, a symbol, is written; #f: it is not known.
  (define (write-it form)
    (string-append "; write " (or form (written 'list))))
  (match value
    ((? procedure?) (write-it (written (procedure-name value))))
    ((? symbol?) (write-it (written value)))
    ((? string?) (write-it (written value)))
    (((? symbol? name) . _)
     (match (written name)
       (#f (write-it #f))
       (form (format #f "; a quote keeps it from being evaluated, write (list ~a)" form))))
    (_ (write-it #f))))

(define (members location setting right? what written value)
  "VALUE as the list that SETTING is, of which one alone needs no `list'.  Errors: &config-error where
one of them is not RIGHT?, WHAT in words."
  (define values
    (cond ((not (list? value)) (list value))
          ;; '(email "me@example.org") is a quoted notifier, not a list of two.
          ((and (pair? value) (memq (car value) '(monitor console email command))) (list value))
          (else value)))
  (for-each
   (lambda (value)
     (unless (right? value)
       (raise-config-error location "configuration: #:~a has ~a, which is no ~a~a" setting
                           (if (symbol? value)
                               (format #f "the symbol ~a" value)
                               (describe-value value))
                           what (hint value written))))
   values)
  values)

(define (monitors-given location value)
  (if (eq? value 'default)
      (default-monitors-configured)
      (members location 'monitors monitor? "monitor"
               (lambda (name)
                 (cond ((eq? name 'list) "(list (monitor 'disk) (monitor 'memory))")
                       ((eq? name 'monitor) "(monitor 'disk)")
                       ((string? name) (format #f "(monitor ~s)" name))
                       ((memq name (builtin-plugin-names)) (format #f "(monitor '~a)" name))
                       (else #f)))
               value)))

(define (notifiers-given location value)
  (members location 'notify notifier? "notifier"
           (lambda (name)
             (match name
               ('list "(list (console) (email \"me@example.org\"))")
               ('console "(console)")
               ('email "(email \"me@example.org\")")
               ('command "(command '(\"program\" \"argument\"))")
               ((? string? address) (and (string-index address #\@) (format #f "(email ~s)" address)))
               (_ #f)))
           value))

(define (questions-given location value)
  "VALUE, a file or directory or a list of such, as a list of absolute names.  Errors: &config-error
where one of them cannot be read or is wrong."
  (define (fault paths)
    ;; Loaded only where there is something to look at.
    (and (pair? paths)
         ((module-ref (resolve-interface '(sheepdog query asking library)) 'questions-fault) paths)))
  (let ((paths (map configured-path (if (string? value) (list value) value))))
    (match (fault paths)
      (#f paths)
      (text (raise-config-error location "configuration: #:questions: ~a" text)))))

(define (plugin-source? x) (or (symbol? x) (non-empty-string? x)))

;; Every setting with its default and what it must be.
(define settings
  (list
   (make-option 'broker 'local broker? "'local or a URL such as \"redis://host:6379\""
                "What carries reports.")
   (make-option 'host #f host? "a string" "The name of this machine in its reports.")
   (make-option 'monitors 'default (const #t) "a list of (monitor ...)"
                "What is watched on this machine.")
   (make-option 'plugins '() (list-of plugin-source?) "a list of files of plugins"
                "Plugins of your own that only receive.")
   (make-option 'notify '() (const #t)
                "a list of notifiers such as (list (console) (email \"me@example.org\"))"
                "Who is told.")
   (make-option 'questions '() (lambda (x) (or (non-empty-string? x) ((list-of non-empty-string?) x)))
                "a list of files and directories"
                "Questions and relations of your own.")
   (make-option 'askers 'group (one-of 'group 'anybody) "'group or 'anybody"
                "Who on this machine may ask the daemon.")
   (make-option 'retention #f (lambda (x) (or (not x) (retention? x))) "(retention ...)"
                "How long what is kept.")
   (make-option 'spool-size (mebibytes 64) spool-size? "a size in bytes of at least (mebibytes 1)"
                "Bytes of reports that may wait for the broker.")))

(define (check-broker location broker)
  (unless (eq? broker 'local)
    (with-exception-handler
        (lambda (exception)
          (raise-config-error location "configuration: #:broker: ~a" (exception->text exception)))
      (lambda () (%broker-address broker))
      #:unwind? #t #:unwind-for-type &core-error)))

(define (check-host location host)
  (let ((fault (and host (%name-fault host))))
    (when fault
      (raise-config-error location "configuration: #:host is ~s, which ~a" host fault))
    (when (and host (string-index host #\/))
      (raise-config-error location "configuration: #:host is ~s, which has a slash, and HOST/SERVICE \
is how a service is asked for" host))))

(define (configuration-at location . arguments)
  (let* ((given (complete-options settings arguments "configuration" location))
         (ref (lambda (name) (assq-ref given name)))
         (monitors (monitors-given location (ref 'monitors)))
         (notifiers (notifiers-given location (ref 'notify))))
    (check-broker location (ref 'broker))
    (check-host location (ref 'host))
    (let ((twice (duplicate (map notifier-name notifiers))))
      (when twice
        (raise-config-error location "configuration: two notifiers are called ~s; \
give one of them another #:name" twice)))
    (make-configuration
     (ref 'broker) (ref 'host) monitors
     (append (map monitor-plugin monitors)
             (map (lambda (source)
                    (with-exception-handler
                        (lambda (e)
                          (raise-config-error location "configuration: #:plugins: ~a"
                                              (exception->text e)))
                      (lambda () (load-configured-plugin source))
                      #:unwind? #t))
                  (ref 'plugins)))
     notifiers (questions-given location (ref 'questions))
     (ref 'askers) (or (ref 'retention) (retention)) (ref 'spool-size))))

(define (duplicate names)
  (match names
    (() #f)
    ((name . rest) (if (member name rest) name (duplicate rest)))))

;; (configuration [#:broker ...] [#:monitors (list (monitor ...) ...)] ...): see `settings'.
(define-located configuration configuration-at)

(define (default-configuration)
  "The configuration of a daemon that is given none: the default monitors, nobody to tell."
  (configuration))

(define (refuse-foreign-writers path)
  (let ((fault (code-file-fault path)))
    (when fault (raise-config-error path "~a" fault))))

(define (find-place form name)
  ;; The properties of the innermost list in FORM that mentions the symbol NAME.
  (let search ((form form) (place '()))
    (cond
     ((eq? form name) place)
     ((pair? form)
      (let ((here (if (null? (source-properties form)) place (source-properties form))))
        (let try ((rest form))
          (cond ((pair? rest) (or (search (car rest) here) (try (cdr rest))))
                (else #f)))))
     (else #f))))

(define (raise-at path form exception)
  ;; EXCEPTION came from evaluating FORM: a &config-error that says where.
  (define (location-of form)
    (or (source-location (source-properties form)) path))
  (cond
   ((config-error? exception)
    (if (config-error-location exception)
        (raise-exception exception)
        (raise-config-error (location-of form) "~a" (exception-message exception))))
   ((and (eq? (exception-kind exception) 'unbound-variable)
         (match (exception-args exception) ((_ _ (name) . _) name) (_ #f)))
    => (lambda (name)
         (let ((place (find-place form name))
               (near (near-miss (symbol->string name) known-names)))
           (raise-config-error (or (source-location (or place '())) (location-of form))
                               "~a is not defined~a" name
                               (if near (string-append ", did you mean " near "?") "")))))
   (else
    (raise-config-error (location-of form) "~a" (exception->text exception)))))

(define known-names
  '("configuration" "monitor" "console" "command" "email" "retention" "milliseconds" "seconds"
    "minutes" "hours" "days" "weeks" "kibibytes" "mebibytes" "gibibytes" "tebibytes" "list"))

(define (load-configuration path)
  "Read and evaluate the file PATH; its last value must be a configuration, which is returned.  File
names in it are relative to its directory.  Errors: &config-error with the place in the file."
  (parameterize ((current-configuration-directory
                  (dirname (if (absolute-file-name? path) path (in-vicinity (getcwd) path)))))
    (read-and-evaluate path)))

(define (read-and-evaluate path)
  (define (read-error place exception)
    (raise-config-error place "~a"
                        (let ((text (exception->text exception)))
                          ;; Guile names the place first; it is said already.
                          (match (string-index text #\space)
                            (#f text)
                            (i (if (string-prefix? path text) (substring text (+ i 1)) text))))))
  (unless (file-exists? path)
    (raise-config-error path "there is no such file"))
  (refuse-foreign-writers path)
  (let ((port (with-exception-handler
                  (lambda (e) (raise-config-error path "~a" (exception->text e)))
                (lambda () (open-input-file path #:encoding "UTF-8"))
                #:unwind? #t))
        (module (make-fresh-user-module)))
    (set-port-filename! port path)
    (module-use! module (resolve-interface '(sheepdog config)))
    (let loop ((last #f) (last-form #f))
      (let ((form (with-exception-handler
                      (lambda (e)
                        (read-error (format #f "~a:~a:~a" path (+ 1 (port-line port))
                                            (+ 1 (port-column port)))
                                    e))
                    (lambda () (read port))
                    #:unwind? #t)))
        (cond
         ((not (eof-object? form))
          (loop (with-exception-handler
                    (lambda (e) (raise-at path form e))
                  (lambda ()
                    (save-module-excursion
                     (lambda () (set-current-module module) (primitive-eval form))))
                  #:unwind? #t)
                form))
         ((configuration? last) (close-port port) last)
         (else
          (raise-config-error
           (if last-form (or (source-location (source-properties last-form)) path) path)
           "the last value of the file is not a (configuration ...)")))))))
