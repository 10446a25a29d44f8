;;; size.scm -- how much SQL SQLite takes, and whether a part of a SELECT leaves room for the rest.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; What is too deep or too long is left to the search.
(define-module (sheepdog query plan size)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query plan inner)
  #:use-module (sheepdog query plan scope)
  #:use-module (sheepdog query plan variable)
  #:use-module (srfi srfi-1)
  #:export (small-template? room-for-condition? small-scope?))

;; SQLite's parser has a stack of 100 places.  A call of a function in another one takes 5 of them at most, a
;; SELECT in another one 9; those of what stands around, and within the innermost, need some, too.
(define most-places 60)
(define places-of-parenthesis 5)
(define places-of-select 9)

;; It takes expressions that are 1000 deep, which so many conditions are, too.
(define most-conditions 150)

;; One that stands for an argument twice is soon very long.
(define longest-template 200)

(define (small-template? template)
  "True where TEMPLATE is neither too deep nor too long."
  (and (<= (length template) longest-template)
       (<= (places template) most-places)))

(define (small-scope? scope)
  "True where the SELECT of SCOPE is not too deep to stand in another one."
  (<= (+ places-of-select (places-of-scope scope)) most-places))

(define (room-for-condition? scope)
  "True where SCOPE may have one more condition."
  (< (length (scope-held scope)) most-conditions))

(define (places template)
  (define (inside subselect)
    (apply max
           (places-of-scope (block-scope (subselect-block subselect)))
           (map places (subselect-columns subselect))))
  (let loop ((parts template) (open 0) (most 0))
    (match parts
      (() most)
      (((? string? text) . rest)
       (call-with-values (lambda () (parentheses text open))
         (lambda (open deepest) (loop rest open (max most (* places-of-parenthesis deepest))))))
      (((? subselect? subselect) . rest)
       (loop rest open
             (max most (+ (* places-of-parenthesis open) places-of-select (inside subselect)))))
      ((_ . rest) (loop rest open most)))))

(define (parentheses text open)
  "Return two values: how many parentheses are open after TEXT, where OPEN were before; and the most there are
at once."
  (let loop ((n 0) (open open) (most open))
    (if (= n (string-length text))
        (values open most)
        (match (string-ref text n)
          (#\( (loop (+ n 1) (+ open 1) (max most (+ open 1))))
          (#\) (loop (+ n 1) (- open 1) most))
          (_ (loop (+ n 1) open most))))))

(define (places-of-scope scope)
  (define (places-of-table used)
    (match (used-derived used)
      (#f 0)
      (derived
       (apply max
              (+ places-of-select (places-of-scope (block-scope (derived-block derived))))
              (map (lambda (template) (+ places-of-select (places template)))
                   (append (map cdr (derived-columns derived)) (derived-keys derived)))))))
  (apply max 0
         (append (map places (filter pair? (scope-held scope)))
                 (map places-of-table (scope-tables scope)))))
