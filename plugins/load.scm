;;; load.scm -- how much work waits for the processors.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins load)
  #:use-module (ice-9 match)
  #:use-module (sheepdog plugin))

(define (look options)
  (match (string-tokenize (or (machine-file "/proc/loadavg")
                              (raise-check-failed "/proc/loadavg cannot be read")))
    (((= string->number one) (= string->number five) (= string->number fifteen) . _)
     (let* ((cpus (processor-count))
            (each (/ five cpus)))
       (list (report "load"
                     #:status (cond ((>= each (option-ref options 'critical)) 'critical)
                                    ((>= each (option-ref options 'warning)) 'warning)
                                    (else 'ok))
                     #:summary (format #f "load ~a ~a ~a on ~a" one five fifteen
                                       (format-count cpus "processor"))
                     #:data `((load . #(,one ,five ,fifteen)) (cpus . ,cpus))))))))

(define-plugin load
  "Watch the load average."
  #:every (minutes 1)
  #:options ((warning 4 positive-number?
                      "Load of 5 minutes for each processor from which the status is warning.")
             (critical 16 positive-number?
                       "The same from which it is critical."))
  #:monitor look
  #:receiver
  (lambda (report)
    (list (status (report-status report))
          (sample "load.1" (report-ref report "load" 0))
          (sample "load.5" (report-ref report "load" 1))
          (sample "load.15" (report-ref report "load" 2)))))
