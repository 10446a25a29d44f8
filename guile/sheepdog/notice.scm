;;; notice.scm -- one message about a service, and how it reads.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog notice)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog shown-text)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-notice notice-id notice-number notice-state notice-service
            notice-subject notice-text notice->json))

(define-immutable-record-type <notice>
  (make-notice id number incident state host service status summary since began output attempt)
  notice?
  (id notice-id)              ; string, unique for ever, the same in every attempt: "NAME@STORE"
  (number notice-number)      ; integer: its row in the store
  (incident notice-incident)  ; integer, or #f: about an event
  (state notice-state)        ; open | closed | inform
  (host notice-host)          ; string
  (service notice-service)    ; string
  (status notice-status)      ; ok | warning | critical | unknown | missing
  (summary notice-summary)    ; string, one line
  (since notice-since)        ; seconds since the epoch: when it came to STATUS, or happened
  (began notice-began)        ; seconds since the epoch: when the trouble began
  (output notice-output)      ; string: what the run printed that it is about, or ""
  (attempt notice-attempt))   ; 1, 2 ...: more than 1 where it may have been told before

(define (subject-name notice)
  (string-append (notice-host notice) "/" (notice-service notice)))

(define (shorten text limit)
  (let ((line (string-trim-both (one-line text))))
    (if (> (string-length line) limit)
        (string-append (string-take line (- limit 3)) "...")
        line)))

(define (status->word status)
  (string-upcase (symbol->string status)))

(define (notice-subject notice)
  "NOTICE in one line: \"CRITICAL tux01/backup: exit 2 after 3m\"."
  (let ((name (shorten (subject-name notice) 200))
        (summary (shorten (notice-summary notice) 150)))
    (match (notice-state notice)
      ('closed
       (format #f "~a ~a again, after ~a" (status->word (notice-status notice)) name
               (format-seconds (max 0 (- (notice-since notice) (notice-began notice))))))
      (_
       (format #f "~a ~a~a~a" (status->word (notice-status notice)) name
               (if (string-null? summary) "" ": ") summary)))))

(define (local-time time)
  (strftime "%Y-%m-%d %H:%M:%S %z" (localtime (inexact->exact (floor time)))))

(define (time->iso time)
  "TIME, seconds since the epoch, as ISO 8601 in UTC: \"2024-03-01T12:00:00Z\"."
  (strftime "%Y-%m-%dT%H:%M:%SZ" (gmtime (inexact->exact (floor time)))))

(define (notice-text notice)
  "NOTICE in some lines: what, since when in local time, what was printed and where to look."
  (define (paragraph template . arguments) (apply format #f template arguments))
  (string-append
   (string-join
    (filter
     (negate string-null?)
     (list
      (match (notice-state notice)
        ('closed (paragraph "~a is ~a again since ~a.\nIt was in trouble since ~a."
                            (subject-name notice) (notice-status notice)
                            (local-time (notice-since notice)) (local-time (notice-began notice))))
        ('open (paragraph "~a is ~a since ~a." (subject-name notice) (notice-status notice)
                          (local-time (notice-since notice))))
        ('inform (paragraph "You asked to be told of ~a: it is ~a as of ~a." (subject-name notice)
                            (notice-status notice) (local-time (notice-since notice)))))
      (string-trim-both (notice-summary notice))
      (match (notice-output notice)
        ("" "")
        (output (string-append "What it printed last:\n" (indented output))))
      (string-append "To see more:\n  sheepdog history " (shell-word (subject-name notice)))))
    "\n\n")
   "\n"))

(define (indented text)
  (string-append "  " (string-join (string-split text #\newline) "\n  ")))

(define (notice->json notice)
  "NOTICE as an alist for JSON, for programs."
  `(("id" . ,(notice-id notice))
    ("notice" . ,(notice-number notice))
    ("incident" . ,(or (notice-incident notice) 'null))
    ("state" . ,(notice-state notice))
    ("host" . ,(notice-host notice))
    ("service" . ,(notice-service notice))
    ("status" . ,(notice-status notice))
    ("summary" . ,(notice-summary notice))
    ("since" . ,(time->iso (notice-since notice)))
    ("began" . ,(time->iso (notice-began notice)))
    ("output" . ,(notice-output notice))
    ("attempt" . ,(notice-attempt notice))))
