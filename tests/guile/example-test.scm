;;; example-test.scm -- what the language has is said, with an example that has answers.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog query)
             (sheepdog query comparison)
             (sheepdog query computation)
             (sheepdog query form)
             (sheepdog small-herd)
             (sheepdog test)
             (srfi srfi-64))

(define (uses? name form)
  (cond ((pair? form) (or (uses? name (car form)) (uses? name (cdr form))))
        (else (eq? name form))))

(define (test-example name doc example)
  (test-assert (format #f "~a: has a docstring" name) (and (string? doc) (> (string-length doc) 10)))
  (test-assert (format #f "~a: is in its example" name) (uses? name example))
  (test-assert (format #f "~a: its example has answers" name)
    (pair? (eval example (resolve-module '(sheepdog query))))))

(test-suite "example"
  (call-with-small-herd
   (lambda (path)
     ;; A job that usually takes a minute.
     (write-store path
                  (map (lambda (n took)
                         (list "INSERT INTO run(uuid, service_id, started, ended, outcome, exit)
 VALUES(?, 4, ?, ?, 'succeeded', 0)"
                               (numbered-uuid n)
                               (* 1000000 (- small-herd-now (* n 10000)))
                               (* 1000000 (+ took (- small-herd-now (* n 10000))))))
                       ;; One while another job of the host was not ok.
                       '(201 202 203 39) '(60 60 600 60)))
     ;; And a reboot after something was broken.
     (write-store path
                  `(("INSERT INTO event(service_id, time, name, data, report_id, judged)
 VALUES(2, ?, 'reboot', '{}', 1, 1)" ,(* 1000000 (- small-herd-now (* 8.5 day))))))
     (open-herd path)
     (parameterize ((current-present small-herd-now))
       (for-each (lambda (comparison)
                   (test-example (comparison-name comparison) (comparison-doc comparison)
                                 (comparison-example comparison)))
                 (comparisons))
       (for-each (lambda (computation)
                   (test-example (computation-name computation) (computation-doc computation)
                                 (computation-example computation)))
                 (computations))
       (for-each (lambda (name) (test-example name (form-doc name) (form-example name)))
                 (goal-forms)))
     (close-herd))))
