;;; similar.scm -- what somebody meant who typed the name of a question that is not there.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking similar)
  #:use-module (sheepdog error)
  #:use-module (srfi srfi-1)
  #:export (similar-names did-you-mean))

;; Of more it is no help to be told.
(define most 3)

(define (words text)
  (remove string-null? (string-split text (char-set #\- #\_ #\. #\space))))

(define (similar-names text names)
  "Those of NAMES, strings, that TEXT may be meant for, at most 3: one that it is a slip of, those with its words,
or the beginnings of them, among theirs, and where TEXT is no slip those with words that its own are slips of."
  (define (begins? word other) (string-prefix? word other))
  (define (slip? word other)
    (and (> (string-length other) 3) (near-miss word (list other)) #t))
  (define wanted
    ;; Any two short words are near to each other.
    (filter (lambda (word) (> (string-length word) 2)) (words text)))
  (define (named meant?)
    (filter (lambda (name)
              (and (pair? wanted)
                   (every (lambda (word) (any (lambda (other) (meant? word other)) (words name))) wanted)))
            names))
  (let* ((slip (near-miss text names))
         (found (delete-duplicates
                 (if slip
                     (cons slip (named begins?))
                     (append (named begins?) (named slip?))))))
    (if (> (length found) most) (take found most) found)))

(define (did-you-mean text names)
  "\", did you mean NAME or NAME?\" of those of NAMES, strings, that TEXT may be meant for; empty where there are
none."
  (define found (similar-names text names))
  (if (null? found)
      ""
      (string-append ", did you mean "
                     (string-join (drop-right found 1) ", ")
                     (if (null? (cdr found)) "" " or ")
                     (last found) "?")))
