;;; time.scm -- times in questions: seconds since the epoch, and now.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query time)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog located)
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query text-hint)
  #:use-module (sheepdog stored-form)
  #:use-module (sheepdog time-text)
  #:export (ago at today current-present current-clock current-moment present day-of
            seconds->store seconds->computed))

(define current-present
  ;; Seconds since the epoch that are taken for the present time, or #f: the clock's.
  (make-parameter #f))

(define current-moment
  ;; Seconds since the epoch: questions are answered as the store would have answered them then, the
  ;; present time of them; or #f.
  (make-parameter #f))

(define current-clock
  ;; The thunk that is asked for the present time, in seconds since the epoch, where no parameter says it.
  (make-parameter %now))

(define (present)
  "The present time, in seconds since the epoch: the same for all of a run, as its snapshot is."
  (or (current-moment)
      (current-present)
      (once-a-run current-clock (current-clock))))

(define (ago-at place . arguments)
  (match arguments
    (((? real? seconds)) (- (present) seconds))
    ((other)
     (raise-question-error place "ago: ~s is not a length of time~a" other
                           (match (and (string? other) (text->length other))
                             (#f ", such as (days 30)")
                             (length (format #f "; write ~s" length)))))
    (_ (raise-question-error place "ago takes 1 argument, a length of time, such as (days 30)"))))

;; (ago SECONDS): the time SECONDS ago, in seconds since the epoch: (ago (days 30)).
(define-located ago ago-at)

(define (at-place place . arguments)
  (match arguments
    (((? string? text))
     (or (parse-date text)
         (raise-question-error place "at: ~s is no time, such as \"2026-10-01\" or \"2026-10-01 14:30\"" text)))
    (_ (raise-question-error place "at takes 1 argument, a time such as \"2026-10-01 14:30\""))))

;; (at TEXT): the time that TEXT says, in the user's zone: (at "2026-10-01 14:30"), in seconds since the
;; epoch; with a Z at its end in UTC.
(define-located at at-place)

;;; Days are those of the user's zone.

(define (local time)
  (localtime (inexact->exact (floor time))))

(define (today)
  "The time of this day's midnight in the user's zone, in seconds since the epoch."
  (let ((midnight (local (present))))
    (set-tm:hour midnight 0)
    (set-tm:min midnight 0)
    (set-tm:sec midnight 0)
    ;; The clock may have been put forward or back since.
    (set-tm:isdst midnight -1)
    (car (mktime midnight))))

(define (day-of time)
  "The day of TIME, seconds since the epoch, in the user's zone: \"2026-11-21\"; #f where that is before
1970 or after the year 9999."
  (and (<= 0 time) (< time 253402300800)
       (strftime "%Y-%m-%d" (local time))))

;;; The store counts microseconds.

(define (seconds->store seconds)
  "SECONDS as the store has them, or #f where no time of the store can be so far away."
  (and (< (abs seconds) 9e12) (seconds->micros seconds)))

(define (seconds->computed seconds)
  "SECONDS, any finite number, in the microseconds that are computed with: inexact where they are beyond 64
bits, as SQLite has them then."
  (cond ((< (abs seconds) 1e300) (canonical-number (seconds->micros seconds)))
        ((positive? seconds) 1e306)
        (else -1e306)))
