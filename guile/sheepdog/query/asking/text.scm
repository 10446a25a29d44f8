;;; text.scm -- the text of a question, which anybody may have written, as forms.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking text)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog located)
  #:export (read-forms))

;; Reading takes any text of this length; but a number takes it as long as the square of its digits.
;; Evaluating, and whatever else goes through it, needs a part of the stack for each list in a list, and for
;; each element of one.
(define longest-text (expt 2 20))
(define longest-number 1000)
(define deepest-form 500)
(define longest-list 20000)

(define (read-forms text name)
  "The forms that TEXT, called NAME, has.  Errors: &config-error, with the place."
  (unless (<= (string-length text) longest-text)
    (raise-config-error name "a question has at most ~a characters; this has ~a" longest-text
                        (string-length text)))
  (let ((digits (long-number text)))
    (when digits
      (raise-config-error (place-in text digits name) "a number has at most ~a digits" longest-number)))
  (let ((forms (read-all text name)))
    (for-each (lambda (form) (check-size form name)) forms)
    forms))

(define (place-in text index name)
  (let ((line-begin (or (string-rindex text #\newline 0 index) -1)))
    (format #f "~a:~a:~a" name (+ 1 (string-count text #\newline 0 index)) (- index line-begin))))

(define (read-all text name)
  (call-with-input-string text
    (lambda (port)
      (set-port-filename! port name)
      (with-exception-handler
          (lambda (exception)
            (explain-what-is-open exception text name)
            (when (string-suffix? "unexpected \")\"" (exception->text exception))
              ;; It has been read.
              (raise-config-error (format #f "~a:~a:~a" name (+ 1 (port-line port)) (port-column port))
                                  "this closing parenthesis closes nothing; there is one too many"))
            ;; What the reader itself complains about has a place.
            (if (eq? 'read-error (exception-kind exception))
                (raise-config-error #f "~a" (exception->text exception))
                (raise-config-error (format #f "~a:~a:~a" name (+ 1 (port-line port)) (+ 1 (port-column port)))
                                    "~a" (exception->text exception))))
        (lambda ()
          (let loop ((forms '()))
            (match (read port)
              ((? eof-object?) (reverse forms))
              (form (loop (cons form forms))))))
        #:unwind? #t))))

(define (check-size form name)
  ;; Each list of FORM, and how deep it is, is looked at once.
  (let check ((form form) (place name) (depth 0))
    (when (or (pair? form) (vector? form))
      (let ((place (or (source-location (source-properties form)) place)))
        (when (= depth deepest-form)
          (raise-config-error place "parentheses are nested deeper than ~a" deepest-form))
        (let loop ((rest (if (vector? form) (vector->list form) form)) (length 0))
          (when (> length longest-list)
            (raise-config-error place "a list has at most ~a elements" longest-list))
          (if (pair? rest)
              (begin
                (check (car rest) place (+ depth 1))
                (loop (cdr rest) (+ length 1)))
              (check rest place (+ depth 1))))))))

;;; What is left open.

(define (explain-what-is-open exception text name)
  "Where EXCEPTION says that TEXT ended too early, raise a &config-error that says what began there."
  (define message (exception->text exception))
  (when (or (string-contains message "end of input") (string-contains message "unterminated"))
    (match (left-open text)
      (((#\" . index) . _)
       (raise-config-error (place-in text index name) "the text that begins here, ~a, has no \" at its end"
                           (beginning text index)))
      (((#\| . index) . _)
       (raise-config-error (place-in text index name) "the comment that begins here has no |# at its end"))
      (((_ . index) . others)
       (raise-config-error (place-in text index name) "~a is not closed; ~a" (beginning text index)
                           (match (length others)
                             (0 "a closing parenthesis is missing")
                             (n (format #f "~a closing parentheses are missing" (+ n 1))))))
      (() #f))))

(define number-characters
  ;; Guile reads # among the digits of a number as a digit that is not known.
  (char-set-union char-set:hex-digit (char-set #\#)))

(define (long-number text)
  "Where in TEXT something begins that may be too long a number, an index; #f where nothing does."
  (let loop ((from 0))
    (match (string-index text number-characters from)
      (#f #f)
      (begin
       (let ((end (or (string-skip text number-characters begin) (string-length text))))
         (if (and (> (- end begin) longest-number) (not (in-string? text begin))) begin (loop end)))))))

(define (in-string? text index)
  "True where INDEX is inside of a string in TEXT, as far as left-open can tell: it knows nothing of #!."
  (and (not (string-contains text "#!" 0 index))
       (match (left-open (substring text 0 index))
         (((#\" . _) . _) #t)
         (_ #f))))

(define (beginning text index)
  "The first word of TEXT from INDEX on, and that it goes on."
  (let* ((end (or (string-index text (char-set #\space #\newline #\tab #\return #\( #\) #\[ #\]) (+ index 1))
                  (string-length text))))
    (string-append (substring text index (min end (+ index 20))) " ...")))

(define (left-open text)
  "What begins in TEXT and does not end there, innermost first: pairs of its first character, of a comment
the second one, and of its place, an index."
  (define end (string-length text))
  (define (after-string i)
    (let ((i (string-index text (char-set #\" #\\) i)))
      (cond ((not i) #f)
            ((char=? #\" (string-ref text i)) (+ i 1))
            (else (and (< (+ i 2) end) (after-string (+ i 2)))))))
  (define (after-comment i depth)
    (let ((i (string-index text (char-set #\# #\|) i)))
      (match (and i (< (+ i 1) end) (substring text i (+ i 2)))
        (#f #f)
        ("#|" (after-comment (+ i 2) (+ depth 1)))
        ("|#" (if (= depth 1) (+ i 2) (after-comment (+ i 2) (- depth 1))))
        (_ (after-comment (+ i 1) depth)))))
  (let loop ((i 0) (open '()))
    (define (begin-here character) (cons (cons character i) open))
    (if (>= i end)
        open
        (match (string-ref text i)
          (#\; (loop (or (string-index text #\newline i) end) open))
          ((and c (or #\( #\[)) (loop (+ i 1) (begin-here c)))
          ((or #\) #\]) (loop (+ i 1) (if (pair? open) (cdr open) open)))
          (#\" (match (after-string (+ i 1))
                 (#f (begin-here #\"))
                 (after (loop after open))))
          (#\# (match (and (< (+ i 1) end) (string-ref text (+ i 1)))
                 (#\\ (loop (+ i 3) open))
                 (#\| (match (after-comment (+ i 2) 1)
                        (#f (begin-here #\|))
                        (after (loop after open))))
                 (#\{ (match (string-contains text "}#" (+ i 2))
                        (#f open)
                        (after (loop (+ after 2) open))))
                 (_ (loop (+ i 1) open))))
          (_ (loop (+ i 1) open))))))
