;;; text-hint.scm -- a text that was written where a number belongs: what number is meant, and how it is written.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query text-hint)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (srfi srfi-1)
  #:export (text->length text-hint))

(define length-units
  ;; Constructors, and what people write for them.
  '((milliseconds "ms" "millisecond" "milliseconds")
    (seconds "s" "sec" "secs" "second" "seconds")
    (minutes "m" "min" "mins" "minute" "minutes")
    (hours "h" "hr" "hrs" "hour" "hours")
    (days "d" "day" "days")
    (weeks "w" "week" "weeks")))

(define size-units
  '((kibibytes "K" "KB" "KiB") (mebibytes "M" "MB" "MiB") (gibibytes "G" "GB" "GiB")
    (tebibytes "T" "TB" "TiB")))

(define (with-unit text units)
  "The constructor call that TEXT, a number with one of UNITS, means, a list; or #f."
  (match (string-match "^ *([0-9]+(\\.[0-9]+)?) *([A-Za-z]+) *$" text)
    (#f #f)
    (found
     (match (find (lambda (unit) (member (match:substring found 3) (cdr unit))) units)
       ((constructor . _) (list constructor (string->number (match:substring found 1))))
       (#f #f)))))

(define (text->length text)
  "The length of time that TEXT, as \"3 hours\", means, as it is written in a question, a list; or #f."
  (with-unit text length-units))

(define* (text-hint text #:optional wanted)
  "What is to be written instead of TEXT, which stands where a number belongs, one of the kind WANTED: time,
length, or #f where that is not known; words to be appended to a message, or #f."
  (cond ((string-match "^[0-9]{4}-[0-9]{2}-[0-9]{2}" text)
         (format #f "; a date is written (at ~s)" text))
        ((and (not (eq? wanted 'length)) (assoc text '(("now" . "'now") ("today" . "(today)")
                                                       ("yesterday" . "(ago (days 1))"))))
         => (lambda (found) (format #f "; write ~a" (cdr found))))
        ((text->length text)
         => (lambda (length)
              (match wanted
                ('length (format #f "; write ~s" length))
                ('time (format #f "; the time so long before now is written (ago ~s)" length))
                (#f (format #f "; a length of time is written ~s, and the time so long before now (ago ~s)"
                            length length)))))
        ((with-unit text size-units)
         => (lambda (size) (format #f "; a size is written ~s" size)))
        ((string->number text)
         (format #f "; a number is written without quotation marks, ~a" text))
        (else #f)))
