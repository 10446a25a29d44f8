;;; load-test.scm -- the load of a made-up machine, and of this one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog error)
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins load) #:prefix plugin:)
             (sheepdog test)
             (srfi srfi-64))

(define* (look loadavg #:optional (online "0-1\n") . options)
  (call-with-machine
   `(("/proc/loadavg" . ,loadavg)
     ,@(if online `(("/sys/devices/system/cpu/online" . ,online)) '()))
   (lambda () (apply look-with plugin:load options))))

(test-suite "load"
  (test-equal "a quiet machine"
    '(("load" ok "load 0.52 0.61 0.7 on 2 processors"))
    (map report->list (look "0.52 0.61 0.70 1/432 12345\n")))

  (test-equal "samples"
    (list (status 'ok) (sample "load.1" 0.52) (sample "load.5" 0.61) (sample "load.15" 0.7))
    (receive-report plugin:load (car (look "0.52 0.61 0.70 1/432 12345\n"))))

  (test-equal "load counts for each processor, and of five minutes"
    '(ok ok warning critical)
    (map (lambda (loadavg)
           (report-status (car (look loadavg))))
         '("99.00 7.99 0.10 1/2 3\n" "0.00 0.00 99.00 1/2 3\n" "0.00 8.00 0.00 1/2 3\n"
           "0.00 32.00 0.00 1/2 3\n")))

  (test-equal "the thresholds are options"
    'critical
    (report-status (car (look "0.5 0.5 0.5 1/2 3\n" "0\n" #:warning 0.5 #:critical 0.5))))

  (test-equal "processors come in ranges"
    "load 1.0 1.0 1.0 on 6 processors"
    (report-summary (car (look "1.00 1.00 1.00 1/2 3\n" "0-3,8,10\n"))))

  (test-equal "without /sys there is one processor"
    "load 1.0 1.0 1.0 on 1 processor"
    (report-summary (car (look "1.00 1.00 1.00 1/2 3\n" #f))))

  (test-raises "no /proc is a failed check" check-failed?
    (call-with-machine '() (lambda () (look-with plugin:load))))

  (test-equal "this machine"
    '(#t 4)
    (let ((reports (look-with plugin:load)))
      (list (< 0 (assq-ref (report-data (car reports)) 'cpus) 10000)
            (length (receive-report plugin:load (car reports)))))))
