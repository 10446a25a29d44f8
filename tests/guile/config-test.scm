;;; config-test.scm -- a mistake in a configuration is said with its place
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 exceptions)
             (ice-9 match)
             (ice-9 regex)
             (sheepdog command check)
             (sheepdog config)
             (sheepdog configuration-doubts)
             (sheepdog error)
             (sheepdog notifier)
             (sheepdog plugin)
             (sheepdog retention)
             (sheepdog test)
             (srfi srfi-64))

(define (call-with-file text proc)
  "Call PROC with the name of a file server-config.scm, where we are, that holds TEXT."
  (call-with-temporary-directory
   (lambda (directory)
     (let ((before (getcwd)))
       (dynamic-wind
         (lambda () (chdir directory))
         (lambda ()
           (call-with-output-file "server-config.scm"
             (lambda (port) (set-port-encoding! port "UTF-8") (display text port)))
           (proc "server-config.scm"))
         (lambda () (chdir before)))))))

(define (load-text text) (call-with-file text load-configuration))

(define (write-plugin path)
  (call-with-output-file path
    (lambda (port)
      (display "(use-modules (sheepdog plugin))
(define-plugin own \"Own.\" #:every 60 #:monitor (lambda (options) '()))" port)))
  (chmod path #o600))

(define (complaint thunk)
  "What a &config-error that THUNK raises says, with its place; #f where nothing is raised."
  (with-exception-handler
      (lambda (e) (format #f "~a: ~a" (config-error-location e) (exception-message e)))
    (lambda () (thunk) #f)
    #:unwind? #t #:unwind-for-type &config-error))

(define (warnings text)
  "The warnings about the configuration TEXT, beside which there are load.scm and own.scm."
  (call-with-file
   text
   (lambda (path)
     (for-each (lambda (name)
                 (call-with-output-file (string-append name ".scm")
                   (lambda (port)
                     (format port "(use-modules (sheepdog plugin))
(define-plugin ~a \"Own.\" #:every 60 #:monitor (lambda (options) '()))" name))))
               '("load" "own"))
     (map (lambda (warning)
            (regexp-substitute/global #f (string-append (regexp-quote (getcwd)) "/(\\./)?") warning
                                      'pre "HERE/" 'post))
          (configuration-doubts (load-configuration path))))))

(define-syntax-rule (test-complaint expected text)
  (test-equal expected expected (complaint (lambda () (load-text text)))))

(test-suite "config"
  (test-equal "every setting has a default"
    '(local #f () #t)
    (let ((c (load-text "(configuration)")))
      (list (configuration-broker c) (configuration-host c) (configuration-notify c)
            (pair? (configuration-monitors c)))))
  (test-equal "what is set is set, other forms may come first"
    '((memory disk) 85 60 604800 #f)
    (let* ((c (load-text "(use-modules (sheepdog config))
(define limit 85)
(configuration #:monitors (list (monitor 'memory #:every (minutes 1)) (monitor 'disk #:warning limit))
               #:retention (retention #:samples (weeks 1) #:failed-runs #f))"))
           (monitors (configuration-monitors c)))
      (list (map monitor-name monitors)
            (assq-ref (monitor-options (cadr monitors)) 'warning)
            (monitor-every (car monitors))
            (retention-samples (configuration-retention c))
            (retention-failed-runs? (configuration-retention c)))))

  (test-complaint
   "server-config.scm:4:4: monitor disk: unknown option #:warnin, did you mean #:warning?"
   "(use-modules (sheepdog config))
(configuration
  #:monitors (list (monitor 'memory)
   (monitor 'disk #:warnin 85)))")
  (test-complaint
   "server-config.scm:1:1: configuration: unknown option #:monitor, did you mean #:monitors?"
   "(configuration #:monitor (list))")
  (test-complaint
   "server-config.scm:2:2: monitor disk: #:warning is 850, it must be a percentage (0 to 100)"
   "(configuration #:monitors (list\n (monitor 'disk #:warning 850)))")
  (test-complaint
   "server-config.scm:2:2: monitor disk: #:warning is 95 and #:critical is 80, so there would be no \
warning; #:critical must be at least #:warning"
   "(configuration #:monitors (list\n (monitor 'disk #:warning 95 #:critical 80)))")
  (test-equal "one notifier or monitor needs no list"
    '(("console") (disk))
    (let ((c (load-text "(configuration #:notify (console) #:monitors (monitor 'disk))")))
      (list (map notifier-name (configuration-notify c))
            (map monitor-name (configuration-monitors c)))))
  (test-complaint
   "server-config.scm:1:1: configuration: #:notify has the symbol console, which is no notifier; write \
(console)"
   "(configuration #:notify 'console)")
  (test-complaint
   "server-config.scm:1:1: configuration: #:notify has console without parentheses, which is no \
notifier; write (console)"
   "(configuration #:notify (list (email \"a@b\") console))")
  (test-complaint
   "server-config.scm:1:1: configuration: #:notify has (email \"a@b\"), which is no notifier; a quote \
keeps it from being evaluated, write (list (email \"me@example.org\"))"
   "(configuration #:notify '((email \"a@b\")))")
  (test-complaint
   "server-config.scm:1:1: configuration: #:notify has \"a@b\", which is no notifier; write \
(email \"a@b\")"
   "(configuration #:notify \"a@b\")")
  (test-complaint
   "server-config.scm:1:1: configuration: #:notify has a list of a notifier, which is no notifier; \
write (list (console) (email \"me@example.org\"))"
   "(configuration #:notify (list (list (console))))")
  (test-complaint
   "server-config.scm:2:11: consol is not defined, did you mean console?"
   "(configuration\n #:notify (consol))")
  (test-complaint
   "server-config.scm:1:1: configuration: #:monitors has the symbol disk, which is no monitor; write \
(monitor 'disk)"
   "(configuration #:monitors '(disk memory))")
  (test-complaint
   "server-config.scm:1:1: configuration: #:monitors has 5, which is no monitor; write \
(list (monitor 'disk) (monitor 'memory))"
   "(configuration #:monitors 5)")
  (test-complaint
   "server-config.scm:1:1: configuration: #:spool-size is a notifier, it must be a size in bytes of \
at least (mebibytes 1)"
   "(configuration #:spool-size (console))")
  (test-complaint
   "server-config.scm:1:1: configuration: #:spool-size is 10, it must be a size in bytes of at least \
(mebibytes 1)"
   "(configuration #:spool-size 10)")
  (test-complaint
   "server-config.scm:1:1: configuration: #:host is \"a/b\", which has a slash, and HOST/SERVICE is how a \
service is asked for"
   "(configuration #:host \"a/b\")")
  (test-equal "what will hardly be meant is warned of"
    '("two monitors of disk: where they report the same services, each changes what the other said; \
one with the options of both is enough"
      "HERE/load.scm has the name of a plugin that comes with Sheepdog, load, and its receiver gets the \
reports of that one; call it otherwise"
      "command HERE/nothing: there is no such program"
      "command HERE/load.scm: this is no program that you may run; chmod +x HERE/load.scm"
      "command no-such-program: there is no such program in PATH; write where it is, from / on"
      "email \"a@b\": #:password-file: HERE/nowhere: there is no such file")
    (warnings "(configuration
#:monitors (list (monitor 'disk) (monitor 'memory) (monitor 'disk #:warning 70) (monitor \"load.scm\"))
#:notify (list (command '(\"./nothing\")) (command '(\"./load.scm\")) (command '(\"no-such-program\"))
               (command '(\"sh\")) (command '(\"/bin/sh\") #:name \"shell\")
               (email \"a@b\" #:user \"me\" #:password-file \"nowhere\")))"))
  (test-equal "and nothing else" '()
    (warnings "(configuration #:plugins '(\"own.scm\") #:notify (list (console) (email \"a@b\")))"))
  (test-equal "file names are relative to the directory of the configuration"
    '(own)
    (call-with-file "(configuration #:monitors (list (monitor \"plugins/own.scm\")))"
                    (lambda (path)
                      (mkdir "plugins")
                      (write-plugin "plugins/own.scm")
                      (let ((absolute (string-append (getcwd) "/" path)))
                        (chdir "/")
                        (map monitor-name
                             (configuration-monitors (load-configuration absolute)))))))
  (test-equal "also those of plugins that only receive, from a directory beside it"
    '(own)
    (call-with-file "(configuration #:monitors '() #:plugins '(\"own.scm\"))"
                    (lambda (path)
                      (write-plugin "own.scm")
                      (mkdir "beside")
                      (chdir "beside")
                      (map plugin-name
                           (configuration-plugins (load-configuration "../server-config.scm"))))))
  (test-assert "one that is not there is said with its whole name"
    (call-with-file "(configuration #:monitors (list (monitor \"own.scm\")))"
                    (lambda (path)
                      (string-contains
                       (complaint (lambda () (load-configuration path)))
                       (string-append "1:33: monitor own.scm: " (getcwd) "/own.scm: there is no")))))

  (test-complaint
   "server-config.scm:1:33: monitor disc: there is no plugin disc, did you mean disk?"
   "(configuration #:monitors (list (monitor 'disc)))")
  (test-complaint
   "server-config.scm:1:33: monitor run: this plugin only receives, it has no monitor"
   "(configuration #:monitors (list (monitor 'run)))")
  (test-complaint
   "server-config.scm:2:1: configuraton is not defined, did you mean configuration?"
   "\n(configuraton)")
  (test-complaint
   "server-config.scm:2:3: frobnicate is not defined"
   "(configuration\n  (frobnicate))")
  (test-complaint
   "server-config.scm:2:9: unexpected end of input while searching for: )"
   "(configuration\n (list 1")
  (test-complaint
   "server-config.scm:2:1: the last value of the file is not a (configuration ...)"
   "(configuration)\n(list)")
  (test-complaint
   "server-config.scm: the last value of the file is not a (configuration ...)" "")
  (test-complaint
   "server-config.scm:1:28: retention: #:reports is -1, it must be a length of time such as (minutes 5)"
   "(configuration #:retention (retention #:reports -1))")
  (test-equal "no file"
    "nowhere.scm: there is no such file"
    (complaint (lambda () (load-configuration "nowhere.scm"))))

  (for-each
   (lambda (mode)
     (test-equal (format #f "a file of mode ~o, which others can write, is refused" mode)
       "server-config.scm: others can write to this file, and it is code: chmod go-w server-config.scm"
       (call-with-file "(configuration)"
                       (lambda (path)
                         (chmod path mode)
                         (complaint (lambda () (load-configuration path)))))))
   '(#o620 #o602))
  (for-each
   (match-lambda
     ((mode right?)
      (test-equal (format #f "one in a directory of mode ~o is ~a" mode (if right? "taken" "refused"))
        (if right? "" "others can write to the directory ., and so replace this file, which is code: \
chmod go-w .")
        (call-with-file "(configuration)"
                        (lambda (path)
                          (chmod "." mode)
                          (match (complaint (lambda () (load-configuration path)))
                            (#f "")
                            (text (substring text (string-length "server-config.scm: ")))))))))
   '((#o777 #f) (#o770 #f) (#o1777 #t) (#o755 #t)))
  (test-equal "an evaluation that does not end is ended"
    "server-config.scm:1:1: this is not evaluated within 0.1 s; a configuration must not wait or loop"
    (call-with-file "(let loop () (loop))"
                    (lambda (path)
                      (complaint (lambda () (check-configuration path #:limit 0.1))))))
  (test-assert "and a good one within the time is returned"
    (call-with-file "(configuration)"
                    (lambda (path) (configuration? (check-configuration path #:limit 5))))))
