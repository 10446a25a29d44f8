;;; report.scm -- the report as Scheme sees it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog report)
  #:use-module (sheepdog core)
  #:use-module (srfi srfi-9 gnu)
  #:export (report report? report-host report-service report-plugin report-status
            report-summary report-time report-data report-id report-ref
            set-report-plugin set-report-host set-report-data set-report-id
            data-ref))

;; Made by monitors with `report' and, for receivers, by the core.
(define-immutable-record-type <report>
  (make-report host service plugin status summary time data id)
  report?
  (host report-host set-report-host)        ; string, or #f: the machine that reports
  (service report-service)                  ; string
  (plugin report-plugin set-report-plugin)  ; symbol, or #f: the plugin whose monitor made it
  (status report-status)                    ; ok | warning | critical | unknown
  (summary report-summary)                  ; string, one line
  (time report-time)                        ; seconds since the epoch, exact or inexact; #f: now
  (data %report-data set-report-data)       ; alist of strings to JSON values, or a variable of it
  (id report-id set-report-id))             ; string (UUID) of one made here; #f: made when it is sent

(%report-type! <report>)

(define (report-data report)
  "The data of REPORT: an alist of strings to JSON values."
  (let ((data (%report-data report)))
    (if (variable? data)
        (let ((known (variable-ref data)))
          ;; From the core it is text, which is read when it is wanted first.
          (when (string? known) (variable-set! data (%json->scm known)))
          (variable-ref data))
        data)))

(define (status-symbol? x)
  (and (memq x '(ok warning critical unknown)) #t))

(define* (report service #:key (status 'unknown) (summary "") (data '()) host time once)
  "A report about SERVICE (a string of 1 to 255 bytes without control characters). STATUS is ok, warning,
critical or unknown; SUMMARY one line for people; DATA an alist from strings or symbols to JSON values:
strings, numbers, booleans, 'null, vectors (arrays) and alists (objects); HOST another machine than this
one; TIME seconds since the epoch where it did not happen just now.  ONCE is a string that names what
happened: of the reports of SERVICE with the same one, only the first to arrive counts, also after a
restart.
Errors: wrong-type-arg."
  (define (check ok? what value)
    (unless ok?
      (scm-error 'wrong-type-arg "report" "~a: ~s" (list what value) (list value))))
  (define (check-name what name)
    (check (string? name) (string-append what " is not a string") name)
    (let ((fault (%name-fault name)))
      (check (not fault) (format #f "the name of a ~a ~a" what fault) name)))
  (check-name "service" service)
  (when host (check-name "host" host))
  (check (status-symbol? status) "status is not ok, warning, critical or unknown" status)
  (check (string? summary) "summary is not a string" summary)
  (check (and (list? data) (every-pair? data)) "data is not an alist" data)
  (check (or (not time) (real? time)) "time is not a number of seconds" time)
  (check (or (not once) (string? once)) "once is not a string" once)
  (make-report host service #f status summary time data
               (and once
                    (%derive-uuid (string-append "once " (or host (gethostname)) "/" service " "
                                                 once)))))

(define (every-pair? alist)
  (or (null? alist) (and (pair? (car alist)) (every-pair? (cdr alist)))))

(define (data-ref data . path)
  "The value in DATA (JSON as Scheme) at PATH, a list of strings (members) and integers (elements);
#f where there is none."
  (let loop ((value data) (path path))
    (cond
     ((null? path) value)
     ((and (string? (car path)) (pair? value))
      (let ((found (assoc (car path) value)))
        (and found (loop (cdr found) (cdr path)))))
     ((and (integer? (car path)) (vector? value) (< -1 (car path) (vector-length value)))
      (loop (vector-ref value (car path)) (cdr path)))
     (else #f))))

(define (report-ref report . path)
  "The value in the data of REPORT at PATH, as `data-ref'."
  (apply data-ref (report-data report) path))
