;;; sample.scm -- measured numbers of a host, from anybody.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins sample)
  #:use-module (ice-9 match)
  #:use-module (sheepdog plugin)
  #:use-module ((sheepdog plugin) #:select ((sample . host-sample))))

(define member->assertion
  (match-lambda
    ((key . (? number? value)) (host-sample key value))
    ((key . _) (raise-check-failed "member ~s of the data is not a number" key))))

(define-plugin sample
  "Make each member of a report's data, a number, a sample of its host."
  #:receiver
  (lambda (report)
    (append (given-status report) (map member->assertion (report-data report)))))
