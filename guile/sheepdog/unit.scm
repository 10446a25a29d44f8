;;; unit.scm -- units in constructors: lengths of time in seconds, sizes in bytes.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog unit)
  #:use-module (ice-9 format)
  #:export (milliseconds seconds minutes hours days weeks
            kibibytes mebibytes gibibytes tebibytes
            format-bytes format-seconds format-count percent))

(define-syntax-rule (define-units (name factor doc) ...)
  (begin
    (define (name n)
      doc
      (unless (and (real? n) (>= n 0))
        (scm-error 'wrong-type-arg (symbol->string 'name)
                   "~s is not a number of at least 0" (list n) (list n)))
      (* n factor))
    ...))

(define-units
  (milliseconds 1/1000 "N milliseconds, in seconds.")
  (seconds 1 "N seconds.")
  (minutes 60 "N minutes, in seconds.")
  (hours 3600 "N hours, in seconds.")
  (days 86400 "N days of 24 hours, in seconds.")
  (weeks 604800 "N weeks, in seconds.")
  (kibibytes 1024 "N KiB, in bytes.")
  (mebibytes (expt 1024 2) "N MiB, in bytes.")
  (gibibytes (expt 1024 3) "N GiB, in bytes.")
  (tebibytes (expt 1024 4) "N TiB, in bytes."))

(define (format-bytes n)
  "N bytes as people read them: \"812 B\", \"1.5 GiB\"."
  (let loop ((n n) (units '("B" "KiB" "MiB" "GiB" "TiB" "PiB")))
    (if (or (< (abs n) 1024) (null? (cdr units)))
        (if (or (string=? (car units) "B") (>= (abs n) 100))
            (format #f "~d ~a" (inexact->exact (round n)) (car units))
            (format #f "~,1f ~a" n (car units)))
        (loop (/ n 1024) (cdr units)))))

(define (format-seconds n)
  "N seconds in its two largest units: \"6h 2m\", \"1.4s\", \"under 1ms\"."
  (cond
   ((< -1/1000 n 1/1000) "under 1ms")
   ((< n 0) (string-append "-" (format-seconds (- n))))
   ((< n 1) (format #f "~dms" (inexact->exact (floor (* n 1000)))))
   ((< n 10) (format #f "~,1fs" (/ (floor (* n 10)) 10.)))
   (else
    (let loop ((n (inexact->exact (floor n)))
               (units '((86400 . "d") (3600 . "h") (60 . "m") (1 . "s"))))
      (if (< n (caar units))
          (loop n (cdr units))
          (let* ((size (caar units))
                 (rest (and (pair? (cdr units)) (quotient (remainder n size) (caadr units)))))
            (string-append (number->string (quotient n size)) (cdar units)
                           (if (and rest (> rest 0))
                               (string-append " " (number->string rest) (cdadr units))
                               ""))))))))

(define* (format-count n one #:optional (many (string-append one "s")))
  "N things as people read them: \"1 process\", \"2 processes\"."
  (string-append (number->string n) " " (if (= n 1) one many)))

(define (percent part whole)
  "How much of WHOLE is PART, in whole per cent, rounded down; 0 where WHOLE is 0."
  (if (zero? whole) 0 (inexact->exact (floor (* 100 (/ part whole))))))
