;;; notifier-test.scm -- notices read well, and each notifier tells them or says why not.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 exceptions)
             (ice-9 match)
             (ice-9 rdelim)
             (ice-9 textual-ports)
             (ice-9 threads)
             (sheepdog configured-path)
             (sheepdog core)
             (sheepdog courier)
             (sheepdog error)
             (sheepdog notice)
             (sheepdog notifier)
             (sheepdog run-output)
             (sheepdog task)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(sigaction SIGPIPE SIG_IGN)
(setenv "TZ" "UTC-2")
(tzset)

(define* (a-notice #:key (state 'open) (status 'critical) (summary "exit 2 after 3m")
                   (service "backup") (output "") (since 1700000000))
  (make-notice "sheepdog-12-34@store" 12 3 state "tux01" service status summary since
               (- 1700000000 7440) output 1))

(define (deliver notifier notice)
  (call-with-temporary-directory
   (lambda (directory)
     (run-task
      (lambda ()
        (match ((notifier-tell notifier) notice)
          (#f #t)
          (errand ((notifier-read-outcome notifier)
                   (send-courier (string-append directory "/errand") errand)))))))))

(define-syntax-rule (failure-of expression)
  ;; (permanent? . message) of the &delivery-failed that EXPRESSION raises.
  (with-exception-handler
      (lambda (e) (cons (delivery-failed-permanent? e) (exception->text e)))
    (lambda () expression 'taken)
    #:unwind? #t #:unwind-for-type &delivery-failed))

(define (with-output-to-port port thunk)
  (parameterize ((current-output-port port)) (thunk)))

(define-syntax-rule (config-error-of expression)
  (with-exception-handler
      (lambda (e) (list (string? (config-error-location e)) (exception->text e)))
    (lambda () expression 'fine)
    #:unwind? #t #:unwind-for-type &config-error))

(define (script directory name . lines)
  (let ((path (string-append directory "/" name)))
    (call-with-output-file path
      (lambda (port) (display (string-join (cons "#!/bin/sh" lines) "\n") port)))
    (chmod path #o755)
    path))

(define* (call-with-mail-server proc #:key (answer "250 taken"))
  "Call PROC with the URL of a mail server for one mail, which answers the text with ANSWER; return
what it heard, a list of lines."
  (let* ((listener (socket PF_INET SOCK_STREAM 0))
         (heard '()))
    (bind listener AF_INET INADDR_LOOPBACK 0)
    (listen listener 1)
    (let* ((port (sockaddr:port (getsockname listener)))
           (server
            (call-with-new-thread
             (lambda ()
               (let ((connection (car (accept listener))))
                 (define (say line) (display (string-append line "\r\n") connection))
                 (setvbuf connection 'none)
                 (say "220 hello")
                 (let next ((text? #f))
                   (let ((line (read-line connection)))
                     (unless (eof-object? line)
                       (let ((line (string-trim-right line #\return)))
                         (set! heard (cons line heard))
                         (cond
                          ((and text? (string=? line ".")) (say answer) (next #f))
                          (text? (next #t))
                          ((string=? line "DATA") (say "354 go on") (next #t))
                          ((string=? line "QUIT") (say "221 bye"))
                          (else (say "250 fine") (next #f)))))))
                 (close connection))))))
      (proc (format #f "smtp://127.0.0.1:~a" port))
      (join-thread server)
      (close listener)
      (reverse heard))))

(test-suite "notifier"
  (test-equal "trouble in one line"
    "CRITICAL tux01/backup: exit 2 after 3m" (notice-subject (a-notice)))
  (test-equal "recovery in one line"
    "OK tux01/backup again, after 2h 4m"
    (notice-subject (a-notice #:state 'closed #:status 'ok)))
  (test-equal "what was asked for in one line"
    "OK tux01/backup: done" (notice-subject (a-notice #:state 'inform #:status 'ok #:summary "done")))
  (test-equal "a summary with line breaks is one line, and not a long one"
    "CRITICAL tux01/backup: a  b\ufffd"
    (notice-subject (a-notice #:summary "a\r\nb\x1b\n")))
  (test-assert "a long summary is cut"
    (< (string-length (notice-subject (a-notice #:summary (make-string 5000 #\x)))) 250))
  (test-equal "the text has what, since when in local time, the output and where to look"
    "tux01/backup is critical since 2023-11-15 00:13:20 +0200.\n
exit 2 after 3m\n
What it printed last:
  no space\n  left\n
To see more:\n  sheepdog history tux01/backup\n"
    (notice-text (a-notice #:output "no space\nleft")))
  (test-equal "a service's name cannot be more than a name to the shell"
    "sheepdog history 'tux01/a b;'\\''reboot'"
    (string-trim-both
     (cadr (reverse (string-split (notice-text (a-notice #:service "a b;'reboot")) #\newline)))))

  (test-equal "the output of a run is the end of both streams"
    "[...]\nthree\nwrong ü\ufffd"
    (run-output `(("stdout" . (("text" . "one\ntwo\nthree\n") ("bytes" . 14)))
                  ("stderr" . (("base64" . "d3Jvbmcgw7z/") ("bytes" . 5))))
                #:limit 9))
  (test-equal "a report that is no run's has no output"
    '("" "" "")
    (list (run-output '()) (run-output '(("stdout" . "text")))
          (run-output '(("stderr" . (("bytes" . 5)))))))

  (test-equal "the console shows it, and what was printed steers no terminal"
    '("CRITICAL tux01/backup: exit 2 after 3m" #f)
    (let ((text (with-output-to-string
                  (lambda () (deliver (console) (a-notice #:output "red \x1b[31m"))))))
      (list (car (string-split text #\newline)) (string-index text #\esc))))

  (test-equal "a console that nobody reads is to be tried again, and holds nobody up"
    '(#f "console: nobody has read it for 100ms" #t)
    (match (pipe)
      ((reading . writing)
       (with-output-to-port writing
         (lambda ()
           (let* ((notifier (console #:timeout 0.1))
                  (turns 0)
                  (failure
                   (let fill ((n 0))
                     (match (failure-of (deliver notifier (a-notice)))
                       ('taken (if (> n 1000) (error "a pipe has no end") (fill (+ n 1))))
                       (failure failure))))
                  (ticking (lambda ()
                             (let tick () (sleep 0.01) (set! turns (+ turns 1)) (tick)))))
             (run-task (lambda ()
                         (let ((ticks (spawn-task ticking)))
                           (failure-of ((notifier-tell notifier) (a-notice)))
                           (cancel-task ticks))))
             (close reading)
             (list (car failure) (cdr failure) (> turns 2))))))))
  (test-equal "a console whose reader has gone, and one that is read"
    '((#f . "console: nobody reads it any more") taken "CRITICAL tux01/backup: exit 2 after 3m")
    (match (list (pipe) (pipe))
      (((gone . broken) (reading . writing))
       (close gone)
       (let* ((failure (with-output-to-port broken
                         (lambda () (failure-of (deliver (console) (a-notice))))))
              (taken (with-output-to-port writing
                       (lambda () (deliver (console) (a-notice)) 'taken))))
         (list failure taken (read-line reading))))))

  (call-with-temporary-directory
   (lambda (directory)
     (test-equal "a command gets the notice as JSON"
       '("an argument" "open" "tux01" "backup" "critical" "2023-11-14T22:13:20Z" "ü\n" 12 3)
       (let ((program (script directory "tell"
                              "echo \"$1\" >$0.argument" "cat >$0.part && mv $0.part $0.json")))
         (deliver (command (list program "an argument")) (a-notice #:output "ü\n"))
         (let ((json (%json->scm (call-with-input-file (string-append program ".json")
                                   get-string-all))))
           (cons (call-with-input-file (string-append program ".argument") read-line)
                 (map (lambda (key) (assoc-ref json key))
                      '("state" "host" "service" "status" "since" "output" "notice"
                        "incident"))))))
     (test-equal "its program is relative to the directory of the configuration, when it is written there"
       #t
       (let ((there (parameterize ((current-configuration-directory directory))
                      (list (command '("./taken")) (command '("sh" "-c" "exit 0"))))))
         (script directory "taken" "exit 0")
         (every (lambda (notifier) (deliver notifier (a-notice))) there)))
     (test-equal "a command that fails is to be tried again, with its words"
       (cons #f (string-append directory "/fail: exit 3: no way out"))
       (failure-of (deliver (command (list (script directory "fail" "echo no way out >&2; exit 3")))
                            (a-notice))))
     (test-equal "a command that will never take it says so with 100"
       #t
       (match (failure-of (deliver (command (list (script directory "never" "exit 100")))
                                   (a-notice)))
         ((permanent? . _) permanent?)))
     (test-equal "a command that is not there, or does not end, is to be tried again"
       '(#f #f)
       (map car
            (list (failure-of (deliver (command '("/nowhere/to/be/found")) (a-notice)))
                  (failure-of (deliver (command (list (script directory "slow" "sleep 60"))
                                                #:timeout 0.1)
                                       (a-notice))))))
     (test-assert "a command need not read"
       (deliver (command '("true")) (a-notice #:output (make-string 500000 #\x))))

     (test-equal "a mail is taken"
       '("MAIL FROM:<dog@tux01>" "RCPT TO:<ann@example.org>"
         "Subject: CRITICAL tux01/backup: exit 2 after 3m" "Message-ID: <sheepdog-12-34@store>")
       (let ((heard (call-with-mail-server
                     (lambda (url)
                       (deliver (email "ann@example.org" #:server url #:from "dog@tux01")
                                (a-notice))))))
         (filter (lambda (line)
                   (or-map (lambda (prefix) (string-prefix? prefix line))
                           '("MAIL" "RCPT" "Subject" "Message-ID")))
                 heard)))
     (test-equal "what the server refuses for good is not tried again"
       '(#t #f)
       (map (lambda (answer)
              (let ((outcome #f))
                (call-with-mail-server
                 (lambda (url)
                   (set! outcome (car (failure-of (deliver (email "ann@example.org" #:server url)
                                                           (a-notice))))))
                 #:answer answer)
                outcome))
            '("554 no thanks" "451 later")))
     (test-equal "a machine without a mail server: what to do"
       '(#f #t)
       (match (failure-of (deliver (email "ann@example.org" #:server "smtp://localhost:1")
                                   (a-notice)))
         ((permanent? . text) (list permanent? (and (string-contains text "#:server") #t)))))
     (test-equal "a password file, beside the configuration, that everybody may read is not used"
       '(#f #t)
       (let ((path (string-append directory "/password")))
         (call-with-output-file path (lambda (port) (display "secret\n" port)))
         (chmod path #o644)
         (match (failure-of
                 (deliver (parameterize ((current-configuration-directory directory))
                            (email "ann@example.org" #:user "ann" #:password-file "password"))
                          (a-notice)))
           ((permanent? . text) (list permanent? (and (string-contains text "chmod o=") #t))))))))

  (test-equal "a mistake in the configuration is named with its place"
    '((#t "email \"ann@example.org\": unknown option #:sever, did you mean #:server?")
      (#t "email \"ann\\nBcc: x@y\": \"ann\\nBcc: x@y\" is not an address for mail")
      (#t "email \"ann@example.org\": #:server is written \"smtp://HOST:PORT\" or \
\"smtps://HOST:PORT\", without user and password")
      (#t "email \"ann@example.org\": #:user goes with #:password-file or #:password-variable")
      (#t "email: to whom? write (email \"me@example.org\")")
      (#t "command: \"prog\" is not a list of a program and its arguments")
      (#t "command prog: #:timeout is 0, it must be a length of time such as (minutes 5)")
      (#t "console: unknown option #:colour; it has #:name, #:timeout"))
    (list (config-error-of (email "ann@example.org" #:sever "smtp://x"))
          (config-error-of (email "ann\nBcc: x@y"))
          (config-error-of (email "ann@example.org" #:server "smtp://ann:secret@x"))
          (config-error-of (email "ann@example.org" #:user "ann"))
          (config-error-of (email))
          (config-error-of (command "prog"))
          (config-error-of (command '("prog") #:timeout 0))
          (config-error-of (console #:colour #t))))
  (test-equal "a notifier has a name"
    '("console" "prog" "ann@example.org" "Ann")
    (map notifier-name
         (list (console) (command '("prog")) (email "ann@example.org")
               (email "ann@example.org" #:name "Ann")))))
