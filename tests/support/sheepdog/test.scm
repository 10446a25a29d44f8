;;; test.scm -- the runner of our SRFI-64 tests: exits non-zero on failure
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; A test file reads:
;;
;;   (use-modules (sheepdog test) (srfi srfi-64))
;;   (test-suite "kanren"
;;     (test-equal "one is one" 1 1)
;;     (test-raises "car of nothing" exception? (car '())))
;;
;; Guile's own runner writes a log file and exits 0 whatever happened.  This
;; one prints each failing test with what was expected and what came, ends
;; with the line "N passed, N failed", and exits 1 if anything failed, if the
;; body died, or if no test ran at all.  A suite that calls skip-suite exits
;; with +skipped-status+, which CTest shows as skipped.

(define-module (sheepdog test)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:use-module (ice-9 ftw)
  #:use-module (srfi srfi-64)
  #:export (test-suite
            run-tests
            skip-suite
            test-raises
            call-with-temporary-directory
            +skipped-status+))

(define +skipped-status+ 77)

(define (show-exception port exception)
  "Print EXCEPTION on PORT, on one or a few lines, as Guile itself would."
  (if (exception? exception)
      (print-exception port #f
                       (exception-kind exception)
                       (exception-args exception))
      (format port "~s~%" exception)))

(define (show-error port error)
  "Print ERROR, what SRFI-64 caught: a list (KEY ARGUMENT ...), or else an
exception object, on PORT."
  (cond
   ((and (pair? error) (eq? (car error) '%exception))
    (show-exception port (cadr error)))
   ((and (pair? error) (symbol? (car error)) (list? (cdr error)))
    (print-exception port #f (car error) (cdr error)))
   (else (show-exception port error))))

(define (report-failure runner)
  "Print the failing test that RUNNER has just run."
  (let* ((results (test-result-alist runner))
         (result  (lambda (key) (assq key results)))
         (port    (current-output-port)))
    (format port "FAIL ~{~a: ~}~a~%"
            (test-runner-group-path runner)
            (test-runner-test-name runner))
    (when (result 'source-file)
      (format port "  at:       ~a:~a~%"
              (cdr (result 'source-file))
              (let ((line (result 'source-line))) (if line (cdr line) "?"))))
    (when (result 'source-form)
      (format port "  form:     ~s~%" (cdr (result 'source-form))))
    (when (result 'expected-value)
      (format port "  expected: ~s~%" (cdr (result 'expected-value))))
    (when (result 'actual-value)
      (format port "  actual:   ~s~%" (cdr (result 'actual-value))))
    (when (result 'actual-error)
      (display "  error:    " port)
      (show-error port (cdr (result 'actual-error))))
    (force-output port)))

(define (make-runner)
  "Make a test runner that prints failures only."
  (let ((runner (test-runner-null)))
    (test-runner-on-test-end! runner
      (lambda (runner)
        (case (test-result-kind runner)
          ((fail xpass) (report-failure runner))
          ((skip) (format #t "SKIP ~{~a: ~}~a~%"
                          (test-runner-group-path runner)
                          (test-runner-test-name runner))))))
    (test-runner-on-bad-count! runner
      (lambda (runner count expected)
        (format #t "FAIL ~a tests ran, ~a were expected~%" count expected)
        (test-runner-fail-count! runner
                                 (+ 1 (test-runner-fail-count runner)))))
    runner))

(define (skip-suite reason)
  "End the test program here as skipped, saying REASON, a string: something that
the tests need is not on this machine."
  (format #t "SKIPPED ~a~%" reason)
  (force-output)
  (primitive-exit +skipped-status+))

(define (run-tests name thunk)
  "Run THUNK, whose SRFI-64 tests belong to the suite NAME, a string, and end
the program: status 0 if at least one test ran and all passed, else 1."
  (let ((runner (make-runner)))
    (test-with-runner runner
      (test-begin name)
      (let ((died? (with-exception-handler
                       (lambda (exception)
                         (format #t "FAIL ~{~a: ~}the suite died~%  error:    "
                                 (test-runner-group-path runner))
                         (show-exception (current-output-port) exception)
                         #t)
                     (lambda () (thunk) #f)
                     #:unwind? #t)))
        ;; Groups that an error cut short are still open.
        (unless died? (test-end name))
        (let ((passed (+ (test-runner-pass-count runner)
                         (test-runner-xfail-count runner)))
              (failed (+ (test-runner-fail-count runner)
                         (test-runner-xpass-count runner)
                         (if died? 1 0))))
          (when (zero? (+ passed failed))
            (format #t "FAIL ~a: no test ran~%" name))
          (format #t "~a passed, ~a failed~%" passed failed)
          (force-output)
          (force-output (current-error-port))
          (exit (if (and (positive? passed) (zero? failed)) 0 1)))))))

(define-syntax-rule (test-suite name body ...)
  "Run the tests of BODY as the suite NAME and end the program, see run-tests."
  (run-tests name (lambda () body ...)))

(define (exception-from thunk)
  "Return the exception that THUNK raises, or #f if it raises none."
  (with-exception-handler
      (lambda (exception) exception)
    (lambda () (thunk) #f)
    #:unwind? #t))

(define-syntax-rule (test-raises name right? expr)
  "Test that EXPR raises an exception for which RIGHT?, a procedure of one
argument, is true.  (The test-error of Guile's SRFI-64 looks at no type.)"
  (test-assert name
    (let ((raised (exception-from (lambda () expr))))
      (cond
       ((not raised) (error "nothing was raised by" 'expr))
       ((right? raised) #t)
       (else (raise-exception raised))))))

(define (delete-tree directory)
  "Delete DIRECTORY and all that is in it; follow no symbolic link."
  (define (remove-file name stat result)
    (delete-file name) result)
  (file-system-fold (const #t) remove-file
                    (lambda (name stat result) result)
                    (lambda (name stat result) (rmdir name) result)
                    (lambda (name stat result) result)
                    (lambda (name stat errno result) result)
                    #t directory
                    lstat))

(define (call-with-temporary-directory proc)
  "Call PROC with the name of a new private directory, and delete that directory
with all that is in it once PROC has returned or raised."
  (let ((directory (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp")
                                           "/sheepdog-test-XXXXXX"))))
    (dynamic-wind
      (const #t)
      (lambda () (proc directory))
      (lambda () (delete-tree directory)))))
