;;; reference-test.scm -- the reference of questions lacks nothing, and its examples have answers.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog query)
             (sheepdog query layout)
             (sheepdog query asking question)
             (sheepdog query asking text)
             (sheepdog query reference)
             (sheepdog query reference-text)
             (sheepdog query relation)
             (sheepdog small-herd)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define beside
  ;; What (sheepdog query) exports besides: for programs, and for the use of it.
  '(open-herd close-herd current-herd current-present current-moment
    define-store-relation user-relations run-for-each lambdae defmatche))

(define (uses? name form)
  (cond ((pair? form) (or (uses? name (car form)) (uses? name (cdr form))))
        (else (eq? name form))))

(define (answers forms)
  (let ((found '()))
    (ask-question forms #f (lambda (answer) (set! found (cons answer found))))
    found))

(define (test-entry entry)
  (define name (entry-name entry))
  (define doc (entry-doc entry))
  (test-assert (format #f "~a: is told of in a sentence" name)
    (and (> (string-length doc) 9) (char=? #\. (string-ref doc (- (string-length doc) 1)))
         (char-upper-case? (string-ref doc 0)) (not (string-any #\newline doc))))
  (test-assert (format #f "~a: is in its example" name) (uses? name (entry-examples entry)))
  (test-assert (format #f "~a: its example has answers" name) (pair? (answers (entry-examples entry))))
  (let ((text (string-join (append-map form->lines (entry-examples entry)) "\n")))
    (test-equal (format #f "~a: its example is read as it is written" name)
      (entry-examples entry)
      (read-forms text "example"))
    (test-assert (format #f "~a: its example has no long lines" name)
      (every (lambda (line) (<= (string-length line) 80)) (string-split text #\newline)))))

(define (add-what-examples-ask-for! path)
  ;; A job that usually takes a minute, and one run of it while another job of the host was not ok.
  (write-store path
               (map (lambda (n took)
                      (list "INSERT INTO run(uuid, service_id, started, ended, outcome, exit)
 VALUES(?, 4, ?, ?, 'succeeded', 0)"
                            (numbered-uuid n)
                            (* 1000000 (- small-herd-now (* n 10000)))
                            (* 1000000 (+ took (- small-herd-now (* n 10000))))))
                    '(201 202 203 39) '(60 60 600 60)))
  ;; A reboot after something was broken, and something that is broken now.
  (write-store path
               `(("INSERT INTO service(service_id, host_id, name, plugin) VALUES(6, 2, 'raid', 'message')")
                 ("INSERT INTO state VALUES(6, ?, NULL, 2, 1, 1)" ,(* 1000000 (- small-herd-now day)))
                 ("INSERT INTO event(service_id, time, name, data, report_id, judged)
 VALUES(2, ?, 'reboot', '{}', 1, 1)" ,(* 1000000 (- small-herd-now (* 8.5 day)))))))

(define (printed thunk) (with-output-to-string thunk))

(test-suite "reference"
  (test-equal "all that questions may use is in it, once"
    (sort (map symbol->string
               (lset-difference eq? (module-map (lambda (name variable) name)
                                                (resolve-interface '(sheepdog query)))
                                beside))
          string<?)
    (sort (map (compose symbol->string entry-name) (reference-entries)) string<?))
  (call-with-small-herd
   (lambda (path)
     (add-what-examples-ask-for! path)
     (open-herd path)
     (parameterize ((current-present small-herd-now))
       (for-each test-entry (reference-entries)))
     (close-herd)))
  (test-equal "the arguments of a relation are its columns"
    (map (lambda (relation) (cons (relation-name relation)
                                  (map column-name (relation-columns relation))))
         (store-relations))
    (map (lambda (relation)
           (let ((entry (find-entry (reference-entries) (relation-name relation))))
             (cons (entry-name entry) (map car (entry-arguments entry)))))
         (store-relations)))
  (test-equal "relations of one's own" '((mineo (mineo a b) "It is mine.") (yourso (yourso) "It has no docstring."))
    (map (lambda (entry) (list (entry-name entry) (entry-usage entry) (entry-doc entry)))
         (relation-forms->entries '((define-relation (mineo a b) "It is\nmine." (== a b))
                                    (defrel (yourso) (== 1 1))
                                    (define x 5)))))

  (test-equal "a question is laid out as people write it"
    '("(run* (host last)"
      "  (hosto host)"
      "  (noto (fresh (id started ended exit)"
      "          (runo id host \"backup\" 'succeeded started ended exit)"
      "          (>o ended (ago (days 7)))))"
      "  (conde ((facto host 'rack 7) (facto host 'owner \"the department of things\"))"
      "         ((== last 'never))))")
    (form->lines '(run* (host last)
                    (hosto host)
                    (noto (fresh (id started ended exit)
                            (runo id host "backup" 'succeeded started ended exit)
                            (>o ended (ago (days 7)))))
                    (conde ((facto host 'rack 7) (facto host 'owner "the department of things"))
                           ((== last 'never))))
                 80))
  (let* ((facto (find-entry (reference-entries) 'facto))
         (groups `(("Relations" ,facto))))
    (test-equal "one line for each, where there is room"
      "Relations
  (facto host key value)  The fact KEY of HOST is VALUE now.

sheepdog query --relations NAME tells more about one, with an example.\n"
      (printed (lambda () (print-reference groups #:width #f))))
    (test-equal "two where there is not"
      "Relations
  (facto host key value)
      The fact KEY of HOST is VALUE now.

sheepdog query --relations NAME tells more about one, with an example.\n"
      (printed (lambda () (print-reference groups #:width 60))))
    (test-equal "all about one"
      "(facto host key value)

The fact KEY of HOST is VALUE now.

  host   Name of the host: a string.
  key    Name of the fact, as host.memory: a string, or where it is
         written in the call a symbol.
  value  What it is, in the unit that the plugin gives it: a string, a
         number, #t or #f.

For example:

  (run* (host)
    (fresh (memory)
      (facto host 'host.memory memory)
      (<o memory (gibibytes 64))))\n"
      (printed (lambda () (print-entry facto #:width 70))))
    (test-equal "for Org"
      "|--------------------------+------------------------------------|
| /Relations/              |                                    |
| ~(facto host key value)~ | The fact KEY of HOST is VALUE now. |\n"
      (reference->org `(("Relations" ,facto))))
    (let ((manual (call-with-output-string
                   (lambda (port) (write-manual (reference-groups) "1.2" port)))))
      (test-assert "the man page has all of it"
        (every (lambda (relation)
                 (string-contains manual (string-append ".SS \"(" (string-join (string-split (symbol->string (relation-name relation)) #\-) "\\-"))))
               (store-relations)))
      (test-assert "and nothing in it is a request that is none of ours"
        (every (lambda (line)
                 (or (not (string-prefix? "." line))
                     (any (lambda (request) (string-prefix? request line))
                          '(".TH" ".SH" ".SS" ".TP" ".PP" ".RS" ".RE" ".nf" ".fi" ".nh" ".ad"))))
               (string-split manual #\newline))))))
