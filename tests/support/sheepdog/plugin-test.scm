;;; plugin-test.scm -- a plugin under test: its monitor on a made-up machine, its receiver on what
;;; travelled.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugin-test)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog machine)
  #:use-module (sheepdog option)
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog report)
  #:use-module (sheepdog task)
  #:use-module (sheepdog test)
  #:use-module (srfi srfi-9 gnu)
  #:export (call-with-machine write-machine-file look-with look-again receive-report
            report->list))

(define (write-machine-file path text)
  "Write TEXT to the file PATH of the machine that is looked at."
  (let make ((directory (dirname (machine-path path))))
    (unless (file-exists? directory)
      (make (dirname directory))
      (mkdir directory)))
  (call-with-output-file (machine-path path)
    (lambda (port) (set-port-encoding! port "ISO-8859-1") (display text port))))

(define (call-with-machine files thunk)
  "Call THUNK while the machine that is looked at has just FILES, an alist of absolute file names to
their text."
  (call-with-temporary-directory
   (lambda (directory)
     (parameterize ((current-root directory))
       (for-each (match-lambda ((path . text) (write-machine-file path text))) files)
       (thunk)))))

(define (look-again plugin state . arguments)
  "Run the monitor of PLUGIN with STATE and the options ARGUMENTS, as a task; return its reports and
its new state."
  (let ((options (complete-options (plugin-options plugin) arguments "test" #f)))
    (run-task
     (lambda ()
       (if (plugin-stateful? plugin)
           ((plugin-monitor plugin) options state)
           (values ((plugin-monitor plugin) options) #f))))))

(define (look-with plugin . arguments)
  "The reports of the first round of PLUGIN with the options ARGUMENTS."
  (call-with-values (lambda () (apply look-again plugin #f arguments))
    (lambda (reports state) reports)))

(define (report->list report)
  "Service, status and summary of REPORT."
  (list (report-service report) (report-status report) (report-summary report)))

(define (receive-report plugin report)
  "What the receiver of PLUGIN makes of REPORT, once that has travelled as JSON, from host \"tux\"
where it names none, at 1700000000 where it has no time."
  ((plugin-receiver plugin)
   (set-report-data
    (set-fields report
      ((report-host) (or (report-host report) "tux"))
      ((report-plugin) (plugin-name plugin))
      ((report-time) (or (report-time report) 1700000000)))
    (%json->scm (%scm->json (report-data report))))))
