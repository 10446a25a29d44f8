;;; inner.scm -- a SELECT in another one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query plan inner)
  #:use-module (srfi srfi-9)
  #:export (make-subselect subselect? subselect-before subselect-block subselect-columns
            subselect-after
            make-derived derived-block derived-columns derived-keys
            derived-order derived-limit set-derived-order! set-derived-limit!))

;; A part of a template: SQL before, the SELECT of COLUMNS, templates, in BLOCK, and SQL after it.
(define-record-type <subselect>
  (make-subselect before block columns after)
  subselect?
  (before subselect-before)
  (block subselect-block)
  (columns subselect-columns)
  (after subselect-after))

;; A SELECT in the FROM of another one; ORDER and LIMIT are told by the columns of that.
(define-record-type <derived>
  (%make-derived block columns keys order limit)
  derived?
  (block derived-block)
  (columns derived-columns)                  ; alist: name, a symbol -> template
  (keys derived-keys)                        ; templates of the GROUP BY
  (order derived-order set-derived-order!)   ; list of templates
  (limit derived-limit set-derived-limit!))  ; number or #f

(define (make-derived block columns keys)
  "The SELECT of COLUMNS, an alist of names to templates, in BLOCK, grouped by KEYS, templates."
  (%make-derived block columns keys '() #f))
