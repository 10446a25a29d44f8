;;; time-text.scm -- points in time as people type them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog time-text)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (sheepdog core)
  #:export (parse-duration parse-date parse-since))

(define (parse-duration text)
  "The seconds in TEXT, such as \"90s\", \"1h30m\", \"2w\" or \"90\"; #f where it is none."
  (%parse-duration text))

(define (parse-date text)
  "The time, in seconds since the epoch, of TEXT, a date with or without a time of day, in the user's zone,
or with a Z at the end in UTC; #f where it is none."
  (match (string-match "^([0-9]{4})-([0-9]{2})-([0-9]{2})([T ]([0-9]{2}):([0-9]{2})(:([0-9]{2}))?)?(Z?)$"
                       text)
    (#f #f)
    (found
     (let* ((field (lambda (n) (let ((digits (match:substring found n)))
                                 (if digits (string->number digits) 0))))
            (month (field 2)) (day (field 3)) (hour (field 5)) (minute (field 6))
            (second (field 8))
            (zone (if (string-null? (match:substring found 9)) '() '("UTC"))))
       (and (<= 1 month 12) (<= 1 day 31) (<= hour 23) (<= minute 59) (<= second 60)
            (let ((time (gmtime 0)))
              (set-tm:year time (- (field 1) 1900))
              (set-tm:mon time (- month 1))
              (set-tm:mday time day)
              (set-tm:hour time hour)
              (set-tm:min time minute)
              (set-tm:sec time second)
              (set-tm:isdst time -1)
              (let ((seconds (car (apply mktime time zone))))
                ;; The 31st of February is no day, although mktime finds one.
                (and (= day (tm:mday (if (null? zone) (localtime seconds) (gmtime seconds))))
                     seconds))))))))

(define* (parse-since text #:optional (now (%now)))
  "The time, in seconds since the epoch, that TEXT means: a length of time before NOW (\"7d\"), or a
date with or without a time of day (\"2026-01-31\", \"2026-01-31 14:00\", with a Z at the end for
UTC); #f where it is neither, as a number without a unit is, which may be anything."
  (match (and (not (string->number text)) (parse-duration text))
    (#f (parse-date text))
    (duration (- now duration))))
