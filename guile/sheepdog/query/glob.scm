;;; glob.scm -- text that matches a pattern, as SQLite's GLOB has it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query glob)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (glob-matches?))

(define (glob-matches? pattern text)
  "True where the string TEXT, all of it, matches PATTERN: * is any text, ? any character, [a-z] one
of these and [^a-z] none of these; all else is itself.  A [ that nothing closes matches nothing."
  (let ((items (parse pattern))
        (end (string-length text)))
    (and items
         ;; STAR is what follows the last * that was passed, which may take one character more.
         (let loop ((items items) (i 0) (star #f) (star-end 0))
           (match items
             (('many . rest) (loop rest i rest i))
             ((item . rest)
              (if (and (< i end) (char-matches? item (string-ref text i)))
                  (loop rest (+ i 1) star star-end)
                  (and star (< star-end end)
                       (loop star (+ star-end 1) star (+ star-end 1)))))
             (()
              (or (= i end)
                  (and star (< star-end end)
                       (loop star (+ star-end 1) star (+ star-end 1))))))))))

(define (char-matches? item char)
  (match item
    ('one #t)
    ((? char?) (char=? item char))
    ((negated? . ranges)
     (not (eq? negated?
               (any (match-lambda ((low . high) (char<=? low char high))) ranges))))))

(define (parse pattern)
  "PATTERN as a list of many, one, characters and (NEGATED? (LOW . HIGH) ...); #f for an open [."
  (let loop ((chars (string->list pattern)) (items '()))
    (match chars
      (() (reverse items))
      ((#\* . rest) (loop rest (cons 'many items)))
      ((#\? . rest) (loop rest (cons 'one items)))
      ((#\[ . rest)
       (call-with-values (lambda () (parse-set rest))
         (lambda (set rest) (and set (loop rest (cons set items))))))
      ((char . rest) (loop rest (cons char items))))))

(define (parse-set chars)
  "The set that CHARS begin with, after its [, and the characters after its ]; #f and #f if open."
  (let*-values (((negated? chars) (match chars
                                    ((#\^ . rest) (values #t rest))
                                    (_ (values #f chars))))
                ;; A ] that comes first is itself.
                ((ranges chars) (match chars
                                  ((#\] . rest) (values '((#\] . #\])) rest))
                                  (_ (values '() chars)))))
    (let loop ((chars chars) (ranges ranges))
      (match chars
        (() (values #f #f))
        ((#\] . rest) (values (cons negated? ranges) rest))
        ((low #\- (and high (not #\])) . rest) 
         ;; LOW is one of them also where HIGH is below it.
         (loop rest (cons* (cons low low) (cons low high) ranges)))
        ((char . rest) (loop rest (cons (cons char char) ranges)))))))
