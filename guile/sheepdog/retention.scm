;;; retention.scm -- how long what is kept in the store.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog retention)
  #:use-module (sheepdog located)
  #:use-module (sheepdog option)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-9 gnu)
  #:export (retention retention? retention-samples retention-failed-runs?
            retention-settings retention->vector))

(define-immutable-record-type <retention>
  (make-retention settings)
  retention?
  (settings retention-alist)) ; alist of every setting, lengths of time in seconds

(define retention-settings
  ;; What can be set, each with its default: a list of <option>.
  (list
   (make-option 'reports (days 90) duration? 'duration?
                "How long reports are kept as they came; what they meant stays.")
   (make-option 'samples (days 30) duration? 'duration?
                "How long each sample is kept; after it one row an hour.")
   (make-option 'failed-runs #t boolean? 'boolean?
                "Whether the reports of runs that failed are kept for ever, with their output.")
   (make-option 'imports #t boolean? 'boolean?
                "Whether the ids of imported reports are kept for ever, so that the same file can be \
imported again without doubling anything.")))

(define (retention-at location . arguments)
  (make-retention (complete-options retention-settings arguments "retention" location)))

;; (retention [#:reports SECONDS] [#:samples SECONDS] [#:failed-runs BOOLEAN] [#:imports BOOLEAN]),
;; counted from arrival.
(define-located retention retention-at)

(define (retention-reports retention)
  "Seconds for which RETENTION keeps reports as they came."
  (assq-ref (retention-alist retention) 'reports))

(define (retention-samples retention)
  "Seconds for which RETENTION keeps each sample."
  (assq-ref (retention-alist retention) 'samples))

(define (retention-failed-runs? retention)
  "True where RETENTION keeps the reports of failed runs for ever."
  (assq-ref (retention-alist retention) 'failed-runs))

(define (retention-imports? retention)
  "True where RETENTION keeps the ids of imported reports for ever."
  (assq-ref (retention-alist retention) 'imports))

(define (retention->vector retention)
  "RETENTION as the core takes it."
  (vector (retention-reports retention) (retention-samples retention)
          (retention-failed-runs? retention) (retention-imports? retention)))
