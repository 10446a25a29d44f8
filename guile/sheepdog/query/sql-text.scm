;;; sql-text.scm -- a statement of SQL on lines that people can read.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query sql-text)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (sql->lines))

;; A statement is a list of pieces: strings, words or what is between them; and lists of pieces, which stand in
;; parentheses.

(define piece (make-regexp "'([^']|'')*'[^ ()]*|[()]|[^ '()]+| +"))

(define (sql->pieces sql)
  (define tokens (map match:substring (list-matches piece sql)))
  (let-values (((pieces rest)
                (let parse ((tokens tokens) (pieces '()))
                  (match tokens
                    (() (values (reverse pieces) '()))
                    ((")" . rest) (values (reverse pieces) rest))
                    (("(" . rest)
                     (let-values (((inside rest) (parse rest '())))
                       (parse rest (cons inside pieces))))
                    ((token . rest) (parse rest (cons token pieces)))))))
    pieces))

(define (piece->text piece)
  (if (string? piece)
      piece
      (string-append "(" (pieces->text piece) ")")))

(define (pieces->text pieces)
  (string-concatenate (map piece->text pieces)))

(define (select? piece)
  (match piece ((or ("SELECT" . _) ("WITH" . _)) #t) (_ #f)))

(define (clauses pieces)
  "PIECES as the clauses that they are, lists of pieces that begin with a word such as FROM."
  (define (done clause) (if (null? clause) '() (list (reverse clause))))
  (let loop ((pieces pieces) (clause '()) (between? #f) (cases 0))
    (define (more* between? cases)
      (loop (cdr pieces) (cons (car pieces) clause) between? cases))
    (match pieces
      (() (done clause))
      (("BETWEEN" . _) (more* #t cases))
      (("CASE" . _) (more* between? (+ cases 1)))
      (((? (lambda (piece) (and (string? piece) (string-prefix? "END" piece) (positive? cases)))) . _)
       (more* between? (- cases 1)))
      (("AND" . _)
       (=> next)
       (cond (between? (more* #f cases))
             ((and (zero? cases) (pair? clause))
              (append (done clause) (loop (cdr pieces) '("AND") #f 0)))
             (else (next))))
      (((or "FROM" "JOIN" "CROSS" "LEFT" "WHERE" "GROUP" "HAVING" "ORDER" "LIMIT" "UNION") . _)
       (=> next)
       (if (and (zero? cases) (pair? clause) (not (equal? '(" " "CROSS") clause))
                (not (member (last-word clause) '("CROSS" "LEFT"))))
           (append (done clause) (loop (cdr pieces) (list (car pieces)) #f 0))
           (next)))
      (_ (more* between? cases)))))

(define (last-word reversed)
  (find (lambda (piece) (not (equal? " " piece))) reversed))

(define* (sql->lines sql #:optional (width 96))
  "SQL, a statement, as lines, a list of strings, of at most WIDTH characters each where that can be."
  (define lines '())
  (define line "")
  (define (end-line!)
    (set! lines (cons (string-trim-right line) lines)))
  (define (begin-line! indent)
    (set! line (make-string indent #\space)))
  (define (add! text) (set! line (string-append line text)))
  (define (fits? text) (<= (+ (string-length line) (string-length text)) width))
  (define (write-clauses clauses indent)
    ;; The first one goes on where the line is.
    (let loop ((clauses clauses) (first? #t))
      (match clauses
        (() #t)
        ((clause . rest)
         (let ((indent* (if (equal? "AND" (car clause)) (+ indent 2) indent)))
           (unless first?
             (end-line!)
             (begin-line! indent*))
           (write-pieces clause (+ indent* 4))
           (loop rest #f))))))
  (define (write-pieces pieces indent)
    (for-each
     (lambda (piece)
       (let ((text (piece->text piece)))
         (cond
          ((fits? text) (add! text))
          ((select? piece)
           (add! "(")
           (write-clauses (clauses piece) indent)
           (add! ")"))
          ((pair? piece)
           (add! "(")
           (write-pieces piece indent)
           (add! ")"))
          ((not (string-suffix? " " line)) (add! text))
          (else
           (end-line!)
           (begin-line! indent)
           (add! (string-trim text))))))
     pieces))
  (write-clauses (clauses (sql->pieces sql)) 0)
  (end-line!)
  (reverse lines))
