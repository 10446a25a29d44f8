;;; history.scm -- sheepdog history: what was reported.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command history)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog herd-state)
  #:use-module (sheepdog program)
  #:use-module (sheepdog store)
  #:use-module (sheepdog table)
  #:use-module (sheepdog time-text)
  #:export (main))

(define columns '(id time host service status summary data))

(define (main options)
  "Show the reports that OPTIONS ask for, the newest last; return the exit status."
  (call-as-program
   "sheepdog"
   (lambda ()
     (let* ((since (match (option options 'since)
                     (#f 0)
                     (text (or (parse-since text)
                               (raise-config-error
                                #f "--since: ~s is neither a length of time (90m, 7d) nor a date \
(2026-01-31, \"2026-01-31 14:00\")" text)))))
            (limit (option options 'limit 50)))
       (let ((reader (open-reader (store-to-read options))))
         (call-with-snapshot
          reader
          (lambda ()
            (let ((rows (read-history reader
                                      #:services (match (option options 'service)
                                                   (#f #f)
                                                   (subject (find-services reader subject)))
                                      #:since since
                                      #:failed? (option options 'failed)
                                      #:limit limit)))
              (show rows options)
              exit-good))))))))

(define (show rows options)
  (cond
   ((option options 'json)
    (print-json columns
                (map (match-lambda
                       (#(id time host service status summary data)
                        (list id time host service status summary
                              (if data (%json->scm data) '()))))
                     rows)
                #:json-cells '(data)))
   ((option options 'csv) (print-csv columns (map vector->list rows)))
   ((null? rows) (format #t "There is nothing of that.~%"))
   (else
    (print-table '(time status host service summary)
                 (map (match-lambda
                        (#(_ time host service status summary _)
                         (list (format-time time #t) status host service summary)))
                      rows)
                 #:width (table-width)))))
