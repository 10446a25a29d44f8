;;; wire.scm -- answers as they go from the process that found them to the one that shows them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Each is a line of JSON: {"answer": TERM}, and last {"end": WORD} or {"error": TEXT, "status": N}.  Before the
;;; end there may be {"hint": TEXT}, sentences about what was asked.
;;; In a TERM strings, booleans, lists and most numbers are themselves; a symbol is {"symbol": NAME}, a
;;; pair {"pair": [TERM, TERM]}, any other number {"number": TEXT}, and anything else {"other": TEXT}.
;;; Who reads takes nothing for granted: what came may have been written by anybody.
(define-module (sheepdog query asking wire)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog unit)
  #:export (answer->line end->line hint->line error->line memory->line line->message line-limit))

;; Bytes that a line may have.
(define line-limit (* 1024 1024))

(define largest-integer (expt 2 53))

;; Characters that a number may have: to read it takes as long as the square of these.
(define longest-number 20000)

(define (term->json term)
  (cond ((or (string? term) (boolean? term)) term)
        ((and (exact-integer? term) (< (abs term) largest-integer)) term)
        ((and (real? term) (inexact? term) (not (nan? term)) (not (inf? term))) term)
        ((number? term) `(("number" . ,(number->text term))))
        ((symbol? term) `(("symbol" . ,(symbol->string term))))
        ((null? term) #())
        ((list? term) (list->vector (map term->json term)))
        ((pair? term) `(("pair" . ,(vector (term->json (car term)) (term->json (cdr term))))))
        (else `(("other" . ,(without-addresses (object->string term)))))))

(define (number->text number)
  (let ((text (number->string number)))
    (when (> (string-length text) longest-number)
      (raise-question-error #f "an answer has a number of ~a characters; it may have ~a" (string-length text)
                            longest-number))
    text))

(define address (make-regexp "[: ][0-9a-f]{12,16}([ >])"))

(define (without-addresses text)
  "TEXT of an object without where in memory it is."
  (if (string-contains text "#<")
      (regexp-substitute/global #f address text 'pre 1 'post)
      text))

(define (json->term json)
  "The term that JSON stands for, in a list; #f where it is none."
  (define (all vector)
    (let loop ((rest (reverse (vector->list vector))) (terms '()))
      (match rest
        (() (list terms))
        ((first . rest)
         (match (json->term first)
           ((term) (loop rest (cons term terms)))
           (#f #f))))))
  (match json
    ((or (? string?) (? boolean?) (? number?)) (list json))
    ((? vector?) (all json))
    ((("symbol" . (? string? name))) (list (string->symbol name)))
    ((("number" . (? string? text)))
     ;; One with a very large exponent is refused by an error.
     (let ((number (and (<= (string-length text) longest-number)
                        (false-if-exception (string->number text)))))
       (and number (list number))))
    ((("other" . (? string? text))) (list text))
    ((("pair" . #(first rest)))
     (match (cons (json->term first) (json->term rest))
       (((first) . (rest)) (list (cons first rest)))
       (_ #f)))
    (_ #f)))

(define (line json) (string-append (%scm->json json) "\n"))

(define (answer->line answer)
  "The line for ANSWER, a term.  Errors: &question-error where it is too long for one, or nested too deep."
  (let ((text (with-exception-handler
                  (lambda (exception)
                    (raise-question-error #f "an answer is ~a" (exception->text exception)))
                (lambda () (line `(("answer" . ,(term->json answer)))))
                #:unwind? #t #:unwind-for-type &core-error)))
    (when (> (string-length text) (quotient line-limit 4))
      (raise-question-error #f "an answer is longer than 256 KiB"))
    text))

(define (end->line end)
  "The line for END, what the answers are, see `ask-within'."
  (line `(("end" . ,(symbol->string end)))))

(define (hint->line text)
  "The line for TEXT, a sentence about what was asked."
  (line `(("hint" . ,(without-addresses text)))))

(define (error->line text status)
  "The line for an error: TEXT for people, and the exit STATUS."
  (line `(("error" . ,(without-addresses text)) ("status" . ,status))))

(define (memory->line bytes)
  "The line where BYTES of memory were too few."
  (error->line (format #f "the question needs more than ~a of memory" (format-bytes bytes)) 1))

(define (line->message text)
  "What TEXT, a line, says: (answer TERM), (hint TEXT), (end SYMBOL), (error TEXT STATUS); #f where it is none
of these."
  (match (false-if-exception (%json->scm text))
    ((("answer" . json))
     (match (json->term json)
       ((term) (list 'answer term))
       (#f #f)))
    ((("hint" . (? string? text))) (list 'hint text))
    ((("end" . (and word (or "complete" "more" "maybe-more" "too-long"))))
     (list 'end (string->symbol word)))
    ((or (("error" . (? string? text)) ("status" . (and status (or 1 2 3))))
         (("status" . (and status (or 1 2 3))) ("error" . (? string? text))))
     (list 'error text status))
    (_ #f)))
