;;; time.scm -- times in questions: seconds since the epoch, and now.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query time)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:use-module (sheepdog stored-form)
  #:export (ago current-present present
            seconds->store))

(define current-present
  ;; Seconds since the epoch that are taken for the present time, or #f: the clock's.
  (make-parameter #f))

(define (present)
  "The present time, in seconds since the epoch."
  (or (current-present) (%now)))

(define (ago-at place . arguments)
  (match arguments
    (((? real? seconds)) (- (present) seconds))
    ((other)
     (raise-question-error place "ago: ~s is not a length of time, such as (days 30)" other))
    (_ (raise-question-error place "ago takes 1 argument, a length of time, such as (days 30)"))))

;; (ago SECONDS): the time SECONDS ago, in seconds since the epoch: (ago (days 30)).
(define-located ago ago-at)

;;; The store counts microseconds.

(define (seconds->store seconds)
  "SECONDS as the store has them, or #f where no time of the store can be so far away."
  (and (< (abs seconds) 9e12) (seconds->micros seconds)))
