;;; library-test.scm -- questions that have names: what is read, what is given, what is refused
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (ice-9 popen)
             (ice-9 regex)
             (ice-9 textual-ports)
             (sheepdog error)
             (sheepdog query asking library)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define (forms text)
  (call-with-input-string text
    (lambda (port)
      (set-port-filename! port "q.scm")
      (let loop ((forms '()))
        (match (read port)
          ((? eof-object?) (reverse forms))
          (form (loop (cons form forms))))))))

(define (text->library text) (library-of-forms (forms text) "q.scm"))

(define (asked text . arguments)
  "The forms of the only question in TEXT, with ARGUMENTS."
  (question->forms (first (library-questions (text->library text))) arguments))

(define (with-parameters parameters)
  (format #f "(define-question (q ~a) \"Doc.\" (run* (h n) (facto h n x)))" parameters))

(define (saying words)
  (lambda (exception)
    (and (config-error? exception)
         (string-contains (string-append (or (config-error-location exception) "") ": "
                                         (exception->text exception))
                          words))))

(define (values-of parameters . arguments)
  (match (apply asked (with-parameters parameters) arguments)
    ((('let bindings _)) (map second bindings))))

(define (write-file path text)
  (call-with-output-file path (lambda (port) (display text port)))
  (chmod path #o644))

(test-suite "library of questions"
  (test-equal "values of each type"
    `("a b" "tux01" "disk /" "1:2-3" 2.5 3 ,(* 512 1024 1024) 1769814000 90 5400 7200 604800)
    (begin
      (setenv "TZ" "Europe/Berlin")
      (values-of "(a text \"\") (b host \"\") (c service \"\") (d version \"\") (e number \"\")
 (f count \"\") (g size \"\") (i time \"\") (j seconds \"\") (k minutes \"\") (l hours \"\") (m days \"\")"
                 "a=a b" "b=tux01" "c=disk /" "d=1:2-3" "e=2.5" "f=3" "g=512MiB" "i=2026-01-31" "j=90"
                 "k=1h30m" "l=2" "m=7")))
  (test-equal "sizes"
    '(10 1536 1073741824 2147483648 1099511627776)
    (map (lambda (text) (first (values-of "(a size \"\")" (string-append "a=" text))))
         '("10B" "1.5K" "1GiB" "2GB" "1TiB")))
  (test-equal "defaults, as they would be typed" (list 604800 1024 "web*")
    (values-of "(a days 7 \"\") (b size \"1KiB\" \"\") (c text \"web*\" \"\")"))
  (test-equal "the last of two" '(2) (values-of "(a number \"\")" "a=1" "a=2"))

  (test-equal "what is asked for and may be any is a goal where it is given"
    '((run* (h n) (== n "b") (fresh (x) (facto h n x))))
    (asked (with-parameters "(n text any \"\") (h text any \"\") (x text any \"\")") "n=b"))
  (test-equal "what may be any and is not asked for is a variable"
    '((let ((x "b")) (run* (h n) (facto h n x))))
    (asked (with-parameters "(x text any \"\")") "x=b"))
  (test-equal "the relations of its file come first"
    '((defrel (a x) (== x 1)) (run* (x) (a x)))
    (asked "(define-question (q) \"Doc.\" (run* (x) (a x))) (defrel (a x) (== x 1))"))

  (for-each
   (match-lambda
     ((text words)
      (test-raises words (saying words) (text->library text))))
   `(("(define-question q \"\" (run* (x) (a x)))" "q.scm:1:1: a question is written (define-question")
     ("(define-question (q) (run* (x) (a x)))" "q.scm:1:1: question q: a string that says what it asks")
     ("\n (define-question (q) \"Doc.\" (list 1))" "q.scm:2:2: question q: what is asked must be one (run*")
     (,(with-parameters "(limit count \"\")") "no parameter can be called limit")
     (,(with-parameters "(a count \"\") (a count \"\")") "two parameters a")
     (,(with-parameters "(a cuont \"\")") "parameter a: there is no type cuont; did you mean count?")
     (,(with-parameters "(a colour \"\")") "there is no type colour; there are text, host, ")
     (,(with-parameters "(a count 0 \"\")") "its default, 0, is not a whole number from 1")
     (,(with-parameters "(a size 1024 \"\")") "its default, 1024, is not a size with its unit")
     (,(with-parameters "(a count)") "(a count) is no parameter; one is written (NAME TYPE")
     (,(string-append (with-parameters "") (with-parameters "")) "this file defines it twice")))

  (for-each
   (match-lambda
     ((arguments words)
      (test-raises words (saying words)
        (apply asked (with-parameters "(days days 7 \"\") (kind text \"\")") arguments))))
   '((() "q: --kind TEXT is missing, a text that is not empty; see sheepdog query q --help")
     (("kind=") "--kind: \"\" is not a text that is not empty")
     (("kind=a" "days=soon") "--days: \"soon\" is not a length of time: a number of days, or with a \
unit, as 36h")
     (("kind=a" "day=7") "it has no option --day (did you mean --days?)")
     (("colour=a") "it has no option --colour; it has --days, --kind")
     (("host=a") "it has no option --host; it has --days, --kind")
     (("jsno=1") "it has no option --jsno (did you mean --json?); it has --days, --kind")))

  (for-each
   (match-lambda
     ((type text words)
      (test-raises words (saying words)
        (values-of (format #f "(a ~a \"\")" type) (string-append "a=" text)))))
   '((size "8" "q: --a: 8 has no unit; write 8GiB; see sheepdog query q --help")
     (size "8589934592" "--a: 8589934592 has no unit; write 8589934592B")
     (size "much" "--a: \"much\" is not a size with its unit, as 512MiB or 8GiB")
     (time "2999-01-01" "--a: \"2999-01-01\" is yet to come")
     (time "7" "--a: \"7\" is not a length of time before now")))

  (test-equal "the names that are taken are those of the options"
    '()
    (let ((help (call-with-port (open-input-pipe (string-append (getenv "SHEEPDOG_BUILD")
                                                                "/bin/sheepdog query --help"))
                                get-string-all)))
      (lset-xor eq? (cons 'version option-names-taken)
                (map (lambda (found) (string->symbol (match:substring found 2)))
                     (list-matches "\n +(-[a-z], )?--([a-z-]+)" help)))))

  (call-with-temporary-directory
   (lambda (directory)
     (define (path name) (string-append directory "/" name))
     (define (found . places)
       (let ((library (read-library places)))
         (list (map (lambda (question) (cons (question-name question) (question-doc question)))
                    (library-questions library))
               (library-relations library)
               (library-faults library))))
     (mkdir (path "own"))
     (write-file (path "own/b.scm") "(define-question (two) \"B.\" (run* (x) (a x)))(defrel (a x) (== x 1))")
     (write-file (path "own/a.scm") "(define-question (two) \"A.\" (run* (x) (a x)))
(define-question (one) \"A.\" (run* (x) (a x)))")
     (write-file (path "own/.c.scm") "(")
     (write-file (path "own/readme") "(")
     (test-equal "the later place goes before, and relations are for all"
       '(((one . "A.") (two . "B.")) ((defrel (a x) (== x 1))) ())
       (found (path "own")))
     (test-equal "a file alone" '(((one . "A.") (two . "A.")) ((defrel (a x) (== x 1))) ())
       (found (path "own/b.scm") (path "own/a.scm")))
     (test-equal "what one hides is known, and a file named twice hides nothing"
       (list (string-append (path "own/b.scm") ":1:1") #f)
       (map (lambda (places)
              (question-hidden (find-question (library-questions (read-library (map path places))) 'two)))
            '(("own/b.scm" "own/a.scm") ("own/b.scm" "own/b.scm"))))
     (write-file (path "own/d.scm") "(define-question\n")
     (write-file (path "own/e.scm") "(define-question (five) \"E.\" (run* (x) (a x)))")
     (chmod (path "own/e.scm") #o666)
     (match (found (path "own") (path "none"))
       ((questions _ (d e none))
        (test-equal "what is wrong keeps nothing else away" 2 (length questions))
        (test-assert "the reader's faults" (string-contains d "d.scm:1:1: (define-question ... is not closed"))
        (test-assert "what others can write to" (string-contains e "others can write to this file"))
        (test-assert "what is not there" (string-contains none "none: there is no such file")))))))
