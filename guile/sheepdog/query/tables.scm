;;; tables.scm -- the tables of the store, as far as a planner must know them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; What two rows agree on that have the same key, and which rows are known to exist, is what lets a
;;; planner look into a table once where a question as it is written would do so several times.  Of when
;;; a row began and ended is known what the store has said at an earlier time.
(define-module (sheepdog query tables)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (table-named table-name table-keys table-references table-refers-to table-together
            table-begins table-ends table-later table-report))

(define-record-type <table>
  (%make-table name keys references together begins ends later report)
  table?
  (name table-name)                ; symbol; or a string, see table-named
  (keys table-keys)                ; list of lists of columns: no two rows agree on one of these
  (references table-references)    ; alist of columns to the tables where a row has that value
  (together table-together)        ; list of columns that are NULL in the same rows
  (begins table-begins)            ; list of columns: a row is there from the first one's time that it has
  (ends table-ends)                ; column: NULL as long as a row lasts; #f: rows are for ever
  (later table-later)              ; list of columns that are NULL until then
  (report table-report))           ; column: the report_id of the report that said it; or #f

(define* (make-table name #:key (keys '()) (references '()) (together '()) (begins '()) ends
                     (later '()) report)
  (%make-table name keys references together begins ends (if ends (cons ends later) '()) report))

(define to-service '((service_id . service)))
(define to-host-and-key '((host_id . host) (key_id . key)))

(define tables
  (list
   (make-table 'host #:keys '((host_id) (name)))
   (make-table 'service #:keys '((service_id) (host_id name)) #:references '((host_id . host)))
   (make-table 'key #:keys '((key_id) (name)))
   (make-table 'report #:report 'report_id #:keys '((report_id) (uuid)) #:references to-service #:begins '(time))
   (make-table 'observation #:report 'report_id
               #:keys '((service_id time report_id)) #:references to-service #:begins '(time))
   (make-table 'state #:report 'report_id
               #:keys '((service_id since)) #:references to-service
               #:begins '(since) #:ends 'until)
   (make-table 'interruption #:report 'report_id
               #:keys '((service_id since)) #:references to-service
               #:begins '(since) #:ends 'until)
   (make-table 'fact #:report 'report_id
               #:keys '((host_id key_id since)) #:references to-host-and-key
               #:begins '(since) #:ends 'until)
   (make-table 'sample #:report 'report_id
               #:keys '((host_id key_id time report_id)) #:references to-host-and-key
               #:begins '(time))
   (make-table 'event #:report 'report_id #:keys '((event_id)) #:references to-service #:begins '(time))
   (make-table 'run #:report 'end_report
               #:keys '((run_id) (uuid)) #:references to-service #:together '(outcome ended)
               #:begins '(started ended) #:ends 'ended
               #:later '(outcome exit signal error user_cpu system_cpu peak_memory output_bytes))
   (make-table 'expectation #:report 'report_id
               #:keys '((service_id)) #:references to-service #:begins '(time))
   (make-table 'incident
               #:keys '((incident_id)) #:references to-service
               #:begins '(opened) #:ends 'closed)))

(define (table-named name)
  "The table NAME, a symbol; or a SELECT in parentheses, a string, of which nothing is known."
  (if (string? name)
      (make-table name)
      (or (find (lambda (table) (eq? name (table-name table))) tables)
          (error "no such table:" name))))

(define (table-refers-to table column)
  "The name of the table that has a row for each value of COLUMN of TABLE, under the same name; or #f."
  (assq-ref (table-references table) column))
