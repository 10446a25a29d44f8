;;; run-output.scm -- what a run printed, as text, from the data of its report.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog run-output)
  #:use-module (ice-9 iconv)
  #:use-module (ice-9 match)
  #:use-module (rnrs bytevectors)
  #:export (run-output))

(define alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

(define (base64->bytevector text)
  "The bytes that TEXT, in base64, stands for; characters that are none of base64 are passed over."
  (let* ((digits (filter-map-string (lambda (c) (string-index alphabet c)) text))
         (bytes (make-bytevector (quotient (* 6 (length digits)) 8))))
    (let loop ((digits digits) (held 0) (bits 0) (i 0))
      (match digits
        (() bytes)
        ((digit . rest)
         (let ((held (logior (ash held 6) digit)) (bits (+ bits 6)))
           (if (< bits 8)
               (loop rest held bits i)
               (let ((left (- bits 8)))
                 (bytevector-u8-set! bytes i (ash held (- left)))
                 (loop rest (logand held (- (ash 1 left) 1)) left (+ i 1))))))))))

(define (filter-map-string procedure text)
  (string-fold-right (lambda (c rest)
                       (let ((value (procedure c))) (if value (cons value rest) rest)))
                     '() text))

(define (last-lines text limit)
  ;; The last whole lines of TEXT that have at most LIMIT characters, or the end of one longer line.
  (let ((text (string-trim-right text)))
    (if (<= (string-length text) limit)
        text
        (let* ((end (string-take-right text limit))
               (line (string-index end #\newline)))
          (string-append "[...]\n" (if line (substring end (+ line 1)) end))))))

(define (stream->text stream)
  (match stream
    (((key . _) . _)
     (let ((text (assoc-ref stream "text"))
           (base64 (assoc-ref stream "base64")))
       (cond ((string? text) text)
             ((string? base64) (bytevector->string (base64->bytevector base64) "UTF-8" 'substitute))
             (else ""))))
    (_ "")))

(define* (run-output data #:key (limit 4000))
  "What the run whose report has DATA (an alist with string keys) wrote to standard output, then what
it wrote to standard error: of each the last lines, at most LIMIT characters; \"\" where there is
nothing.  What is not UTF-8 is shown with replacement characters."
  (define (text-of name)
    (let ((found (and (pair? data) (assoc name data))))
      (last-lines (stream->text (and found (cdr found))) limit)))
  (string-join (filter-empty (list (text-of "stdout") (text-of "stderr"))) "\n"))

(define (filter-empty texts)
  (let keep ((texts texts))
    (match texts
      (() '())
      (("" . rest) (keep rest))
      ((text . rest) (cons text (keep rest))))))
