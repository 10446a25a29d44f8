;;; projected.scm -- values of any type that project has taken of variables.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Of a variable it is known that it may be a number or a string, see any-typed.scm.  What project takes
;;; the value of is a variable no more; so that is known of the value then.
(define-module (sheepdog query projected)
  #:use-module (sheepdog kanren extend)
  #:export (note-projected! projected?))

(define (noted)
  ;; Strings and numbers of this run.
  (once-a-run noted make-weak-key-hash-table))

(define (note-projected! value)
  "Note that VALUE, anything, was taken of a variable that may be a number or a string."
  (when (or (string? value) (real? value))
    (hashv-set! (noted) value #t)))

(define (projected? value)
  "True where that was noted of VALUE, anything, in this run."
  (and (or (string? value) (real? value))
       (hashv-ref (noted) value #f)))
