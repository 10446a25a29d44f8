;;; test-runner-test.scm -- the runner of our tests notices every way to fail
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 match)
             (ice-9 popen)
             (ice-9 textual-ports)
             (srfi srfi-13)
             (srfi srfi-64)
             (sheepdog test))

(define (run-program body)
  "Run a suite with the Scheme text BODY in a Guile of its own; return its exit
status and its output."
  (call-with-temporary-directory
   (lambda (directory)
     (let ((file (string-append directory "/suite.scm")))
       (call-with-output-file file
         (lambda (port)
           (format port "(use-modules (sheepdog test) (srfi srfi-64))~%")
           (format port "(test-suite \"suite\" ~a)~%" body)))
       (let* ((support (dirname (dirname (search-path %load-path
                                                      "sheepdog/test.scm"))))
              (pipe (open-pipe* OPEN_READ "guile" "--no-auto-compile"
                                "-L" support file))
              (output (get-string-all pipe)))
         (values (status:exit-val (close-pipe pipe)) output))))))

(define (outcome body)
  "Return (STATUS LAST-LINE) of a suite with BODY."
  (call-with-values (lambda () (run-program body))
    (lambda (status output)
      (list status (last-line output)))))

(define (last-line text)
  (match (string-split (string-trim-right text) #\newline)
    ((_ ... line) line)))

(test-suite "test-runner"
  (test-equal "all pass" '(0 "2 passed, 0 failed")
    (outcome "(test-equal \"a\" 1 1) (test-assert \"b\" #t)"))
  (test-equal "one fails" '(1 "1 passed, 1 failed")
    (outcome "(test-equal \"a\" 1 2) (test-assert \"b\" #t)"))
  (test-equal "one raises" '(1 "1 passed, 1 failed")
    (outcome "(test-equal \"a\" 1 (car '())) (test-assert \"b\" #t)"))
  (test-equal "the body dies" '(1 "1 passed, 1 failed")
    (outcome "(test-assert \"b\" #t) (test-group \"g\" (car '()))"))
  (test-equal "no test" '(1 "0 passed, 0 failed")
    (outcome "#t"))
  (test-equal "a group" '(1 "0 passed, 1 failed")
    (outcome "(test-group \"g\" (test-assert \"in\" #f))"))
  (test-equal "skipped" '(77 "SKIPPED no redis")
    (outcome "(test-assert #t) (skip-suite \"no redis\")"))
  (test-assert "a failure shows name, expected and actual value"
    (call-with-values (lambda ()
                        (run-program "(test-equal \"the name\" 'want 'got)"))
      (lambda (status output)
        (and (string-contains output "the name")
             (string-contains output "want")
             (string-contains output "got")))))
  (test-equal "test-raises: the right exception" '(0 "1 passed, 0 failed")
    (outcome "(test-raises \"a\" exception? (car '()))"))
  (test-equal "test-raises: another exception" '(1 "0 passed, 1 failed")
    (outcome "(test-raises \"a\" (const #f) (car '()))"))
  (test-equal "test-raises: no exception" '(1 "0 passed, 1 failed")
    (outcome "(test-raises \"a\" (const #t) 1)"))
  (test-assert "a temporary directory is deleted"
    (let ((kept #f))
      (call-with-temporary-directory
       (lambda (directory)
         (set! kept directory)
         (mkdir (string-append directory "/a"))
         (symlink "/nowhere" (string-append directory "/a/b"))))
      (not (file-exists? kept)))))
