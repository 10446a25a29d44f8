;;; fact.scm -- facts about a host, from anybody.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins fact)
  #:use-module (ice-9 match)
  #:use-module (sheepdog plugin)
  #:use-module ((sheepdog plugin) #:select ((fact . host-fact))))

(define member->assertion
  (match-lambda
    ((key . 'null) (no-fact key))
    ((key . (? (lambda (value) (or (string? value) (number? value) (boolean? value))) value))
     (host-fact key value))
    ((key . _)
     (raise-check-failed "member ~s of the data is not a string, number, boolean or null" key))))

(define-plugin fact
  "Make each member of a report's data a fact of its host; null ends one."
  #:receiver
  (lambda (report)
    (append (given-status report) (map member->assertion (report-data report)))))
