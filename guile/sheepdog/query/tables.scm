;;; tables.scm -- the tables of the store, as far as a planner must know them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; What two rows agree on that have the same key, and which rows are known to exist, is what lets a
;;; planner look into a table once where a question as it is written would do so several times.
(define-module (sheepdog query tables)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (table-named table-name table-keys table-nullable? table-refers-to table-references
            table-has-report?))

(define-record-type <table>
  (make-table name keys nullable references report?)
  table?
  (name table-name)                ; symbol, of the table or view; or a string, see table-named
  (keys table-keys)                ; list of lists of columns: no two rows agree on one of these
  (nullable table-nullable)        ; list of columns that may be NULL
  (references table-references)    ; alist of columns to the tables where a row has that value
  (report? table-has-report?))     ; #t: the column report_id says which report a row is of

(define tables
  (map (match-lambda
         ((name keys nullable references report?)
          (make-table name keys nullable references report?)))
       '((host ((host_id) (name)) () () #f)
         (service ((service_id) (host_id name)) (owner) ((host_id . host)) #f)
         (key ((key_id) (name)) () () #f)
         (report ((report_id) (uuid)) (uid data) ((service_id . service)) #t)
         (observation ((service_id time report_id)) (status summary) ((service_id . service)) #t)
         (state ((service_id since)) (until) ((service_id . service)) #t)
         (interruption ((service_id since)) (until) ((service_id . service)) #t)
         (fact ((host_id key_id since)) (until) ((host_id . host) (key_id . key)) #t)
         (sample ((host_id key_id time report_id)) () ((host_id . host) (key_id . key)) #t)
         (sample_hour ((host_id key_id hour)) () ((host_id . host) (key_id . key)) #f)
         (event ((event_id)) () ((service_id . service)) #t)
         (run ((run_id) (uuid))
              (started ended lease_until outcome exit signal error attempt user_cpu system_cpu
                       peak_memory output_bytes argv user directory start_report end_report)
              ((service_id . service)) #f)
         (expectation ((service_id)) () ((service_id . service)) #t)
         (incident ((incident_id)) (closed) ((service_id . service)) #f))))

(define (table-named name)
  "The table NAME, a symbol; or a SELECT in parentheses, a string, of which nothing is known."
  (if (string? name)
      (make-table name '() '() '() #f)
      (or (find (lambda (table) (eq? name (table-name table))) tables)
          (error "no such table:" name))))

(define (table-nullable? table column)
  "True where COLUMN of TABLE may be NULL."
  (and (memq column (table-nullable table)) #t))

(define (table-refers-to table column)
  "The name of the table that has a row for each value of COLUMN of TABLE, under the same name; or #f."
  (assq-ref (table-references table) column))
