;;; shown.scm -- answers as people and programs read them, some while others are still searched for.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking shown)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query asking outlet)
  #:use-module (sheepdog query asking quantity)
  #:use-module (sheepdog query asking question)
  #:use-module (sheepdog query why)
  #:use-module (sheepdog table)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:export (print-answers print-with-reasons make-printer))

(define (print-answers answers forms)
  "Print ANSWERS to the question FORMS as a table; times and lengths of time in it are as people read
them, and numbers have three decimals at most where they are not small."
  ((table-printer forms) answers))

(define (print-with-reasons answer forms)
  "Print ANSWER to the question FORMS, for which reasons were wanted, and these."
  (call-with-values (lambda () (split-reasons answer))
    (lambda (answer reasons)
      (print-answers (list answer) forms)
      (print-reasons reasons)
      (newline))))

;;; While it is searched.

(define (make-printer forms format)
  "Return two procedures: one that takes an answer to the question FORMS; and one that is called at the end, with
true where that is an error, which leaves out what cannot be seen to be whole then.  They print the answers in
FORMAT: table, json, csv, or reasons, a table of each with what made it true."
  (define out (current-output-port))
  (define (text-of print)
    (lambda (answers)
      (with-output-to-string
        (lambda () (parameterize ((shown-on out)) (print answers))))))
  (match format
    ;; Programs are told each as it is found.
    ('json (in-blocks (and (question-run? forms) 1) (json-writer forms)))
    ('reasons (in-blocks 1 (text-of (match-lambda
                                      (() (print-answers '() forms))
                                      (answers (for-each (lambda (answer) (print-with-reasons answer forms))
                                                         answers))))))
    ('csv (in-blocks (and (question-run? forms) block) (text-of (csv-printer forms))))
    ('table (in-blocks block (text-of (table-printer forms))))))

;; So many rows decide how wide the columns of a table are, before there are any below them.
(define block 1000)

(define (in-blocks size answers->text)
  "As make-printer: print what ANSWERS->TEXT makes of lists of SIZE answers, #f: of all."
  (define outlet (make-outlet (current-output-port)))
  (define answers '())
  (define count 0)
  (define written? #f)
  (define (write-block)
    (let ((text (answers->text (reverse answers))))
      (set! answers '())
      (set! count 0)
      (set! written? #t)
      (outlet-write outlet text)))
  (values
   (lambda (answer)
     ;; The time that is over must not end a line in the middle.
     (call-with-blocked-asyncs
      (lambda ()
        (set! answers (cons answer answers))
        (set! count (+ count 1))
        (when (eqv? count size) (write-block)))))
   (lambda* (#:optional failed?)
     (unless (or failed? (and written? (null? answers))) (write-block))
     (outlet-finish outlet))))

;;; Formats.

(define shown-on
  ;; The port where a table is seen in the end.
  (make-parameter #f))

(define (table-printer forms)
  "A procedure that prints lists of answers to the question FORMS, each below those before."
  (let* ((quantities (if (question-run forms) (question-quantities forms (question-run forms)) '()))
         (sizes (filter-map (match-lambda ((name . quantity) (and (eq? 'size quantity) name))) quantities))
         (above #f))  ; a pair of the headings and how the columns stand; or #f
    (lambda (answers)
      (call-with-values (lambda () (answers->rows answers (question-variables forms)))
        (lambda (rows headings)
          (let ((port (or (shown-on) (current-output-port))))
            (set! above
                  (cons headings
                        (print-table headings (readable rows headings quantities)
                                     #:right-aligned sizes
                                     #:colour? (colour-wanted? port)
                                     #:width (terminal-width port)
                                     #:above (match above
                                               (((? (lambda (before) (equal? before headings))) . columns)
                                                columns)
                                               (_ #f)))))))))))

(define (csv-printer forms)
  (define width #f)  ; of the headings, once they are printed
  (define (fitted row)
    (let ((missing (- (or width (length row)) (length row))))
      (when (negative? missing)
        (raise-config-error #f "an answer has more values than there are headings: ~s; --json shows it" row))
      (append row (make-list missing #f))))
  (lambda (answers)
    (call-with-values (lambda () (answers->rows answers (question-variables forms)))
      (lambda (rows headings)
        (print-csv (and (not width) headings) (map fitted rows))
        (set! width (or width (length headings)))))))

(define (json-writer forms)
  (define variables (and (question-run? forms) (question-variables forms)))
  (define (rows answers)
    (if variables
        (map (lambda (answer)
               (match (answer->row answer (length variables))
                 ((row) row)
                 ((row . constraints) (append row (list constraints)))
                 (#f (list answer))))
             answers)
        (call-with-values (lambda () (answers->rows answers (question-variables forms)))
          (lambda (rows headings) rows))))
  (lambda (answers)
    (string-concatenate (map row->json (rows answers)))))

(define (row->json row)
  (with-exception-handler
      (lambda (exception) (raise-config-error #f "an answer is ~a" (exception->text exception)))
    (lambda () (json-row row))
    #:unwind? #t #:unwind-for-type &core-error))

(define (readable rows headings quantities)
  (let ((forms (map (lambda (heading)
                      (match (assq-ref quantities heading)
                        ('time format-time)
                        ('length format-seconds)
                        ('size format-bytes)
                        (#f rounded)))
                    headings)))
    (map (lambda (row)
           (map (lambda (cell form) (if (real? cell) (form cell) cell)) row forms))
         rows)))

(define (rounded number)
  (if (or (integer? number) (< (abs number) 1) (nan? number) (inf? number))
      number
      (/ (round (* 1000 (exact->inexact number))) 1000)))
