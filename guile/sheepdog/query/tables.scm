;;; tables.scm -- the tables of the store, as far as a planner must know them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; What two rows agree on that have the same key, and which rows are known to exist, is what lets a
;;; planner look into a table once where a question as it is written would do so several times.
(define-module (sheepdog query tables)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (table-named table-name table-keys table-references table-refers-to table-together))

(define-record-type <table>
  (make-table name keys references together)
  table?
  (name table-name)                ; symbol, of the table or view; or a string, see table-named
  (keys table-keys)                ; list of lists of columns: no two rows agree on one of these
  (references table-references)    ; alist of columns to the tables where a row has that value
  (together table-together))       ; list of columns that are NULL in the same rows

(define tables
  (map (match-lambda ((name keys references . together) (make-table name keys references together)))
       '((host ((host_id) (name)) ())
         (service ((service_id) (host_id name)) ((host_id . host)))
         (key ((key_id) (name)) ())
         (report ((report_id) (uuid)) ((service_id . service)))
         (observation ((service_id time report_id)) ((service_id . service)))
         (state ((service_id since)) ((service_id . service)))
         (interruption ((service_id since)) ((service_id . service)))
         (fact ((host_id key_id since)) ((host_id . host) (key_id . key)))
         (sample ((host_id key_id time report_id)) ((host_id . host) (key_id . key)))
         (event ((event_id)) ((service_id . service)))
         (run ((run_id) (uuid)) ((service_id . service)) outcome ended)
         (expectation ((service_id)) ((service_id . service)))
         (incident ((incident_id)) ((service_id . service))))))

(define (table-named name)
  "The table NAME, a symbol; or a SELECT in parentheses, a string, of which nothing is known."
  (if (string? name)
      (make-table name '() '() '())
      (or (find (lambda (table) (eq? name (table-name table))) tables)
          (error "no such table:" name))))

(define (table-refers-to table column)
  "The name of the table that has a row for each value of COLUMN of TABLE, under the same name; or #f."
  (assq-ref (table-references table) column))
