;;; error.scm -- the family of conditions that Sheepdog raises.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog error)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module ((srfi srfi-1) #:select (find))
  #:use-module (sheepdog shown-text)
  #:export (&sheepdog-error sheepdog-error?
            &config-error config-error? config-error-location
            &plugin-error plugin-error?
            &check-failed check-failed?
            &delivery-failed delivery-failed? delivery-failed-permanent?
            &core-error core-error? core-error-code
            &question-error question-error? question-error-place
            raise-question-error
            raise-config-error raise-plugin-error raise-check-failed raise-delivery-failed
            exception->text irritants shortened near-miss))

(define-exception-type &sheepdog-error &error
  make-sheepdog-error sheepdog-error?)

;; LOCATION is "file:line:column" or #f.
(define-exception-type &config-error &sheepdog-error
  make-config-error config-error? (location config-error-location))

;; NAME is the plugin's, a symbol.
(define-exception-type &plugin-error &sheepdog-error
  make-plugin-error plugin-error? (name plugin-error-name))

(define-exception-type &check-failed &sheepdog-error
  make-check-failed check-failed?)

;; PERMANENT? is true where trying again cannot help.
(define-exception-type &delivery-failed &sheepdog-error
  make-delivery-failed delivery-failed? (permanent? delivery-failed-permanent?))

;; CODE is the core's, a symbol such as timeout, full, denied.
(define-exception-type &core-error &sheepdog-error
  make-core-error core-error? (code core-error-code))

;; A question that cannot be meant: a relation or comparison that is used wrongly.  PLACE is
;; "file:line:column" or #f.
(define-exception-type &question-error &sheepdog-error
  make-question-error question-error? (place question-error-place))

(define (raise-with-message condition template arguments)
  (raise-exception
   (make-exception condition
                   (make-exception-with-message (apply format #f template arguments)))))

(define (raise-config-error location template . arguments)
  "Raise a &config-error at LOCATION (a string \"file:line:column\" or #f) whose message is TEMPLATE
formatted with ARGUMENTS."
  (raise-with-message (make-config-error location) template arguments))

(define (raise-plugin-error name template . arguments)
  "Raise a &plugin-error about the plugin NAME, a symbol."
  (raise-with-message (make-plugin-error name) template arguments))

(define (raise-check-failed template . arguments)
  "Raise a &check-failed: what was looked at is not as it should be."
  (raise-with-message (make-check-failed) template arguments))

(define (raise-delivery-failed permanent? template . arguments)
  "Raise a &delivery-failed: a notice was not taken; PERMANENT? where trying again cannot help."
  (raise-with-message (make-delivery-failed permanent?) template arguments))

(define (raise-question-error place template . arguments)
  "Raise a &question-error: a question uses a relation or comparison wrongly, at PLACE (a string
\"file:line:column\" or #f)."
  (raise-with-message (make-question-error place) template (map shortened arguments)))

(define* (shortened x #:optional (depth 4))
  "X, of which a message tells, with `...' for what goes on: it is of any size, or goes round in a circle.
Lists and vectors keep 12 elements, to a DEPTH of 4."
  (define (first-of x room)
    (cond ((null? x) '())
          ((zero? room) '(...))
          ((pair? x) (cons (shortened (car x) (- depth 1)) (first-of (cdr x) (- room 1))))
          (else (shortened x (- depth 1)))))
  (cond ((no-object? x) 0)
        ((and (zero? depth) (or (pair? x) (vector? x))) '...)
        ((pair? x) (first-of x 12))
        ((vector? x)
         (let ((beginning (map (lambda (i) (vector-ref x i)) (iota (min 13 (vector-length x))))))
           (list->vector (first-of beginning 12))))
        (else x)))

(define (no-object? x)
  "True of what Guile 3.0 has where it tells the least index, 0, of one that is out of range: whatever looks
into it ends the process."
  (zero? (object-address x)))

(define (irritants exception)
  "What EXCEPTION is about, a list."
  (match (and (exception-with-irritants? exception) (exception-irritants exception))
    ((? list? irritants) (map (lambda (x) (if (no-object? x) 0 x)) irritants))
    (_ '())))

(define (condition-name condition)
  (string-trim (symbol->string (record-type-name (record-type-descriptor condition))) #\&))

(define (keyword-fault message keyword)
  ;; What Guile's MESSAGE about a KEYWORD, which it does not name, is about.
  (cond
   ((not (keyword? keyword)) (format #f "~s stands where a keyword would" keyword))
   ((string=? message "Unrecognized keyword")
    (format #f "unknown keyword #:~a" (keyword->symbol keyword)))
   (else (format #f "#:~a has no value" (keyword->symbol keyword)))))

(define (exception->text exception)
  "One line for people that says what EXCEPTION, of any kind, is about."
  (one-line
   (cond
    ((quit-exception? exception) "it called (exit), which only a program may")
    ((and (eq? 'keyword-argument-error (exception-kind exception))
          (match (exception-args exception)
            ((_ (? string? message) _ (keyword . _)) (keyword-fault message keyword))
            (_ #f)))
     => identity)
    ((and (exception-with-message? exception) (pair? (irritants exception)))
     ;; Guile's own errors carry a format string and its arguments.
     (catch #t
       (lambda ()
         (apply format #f (exception-message exception) (map shortened (irritants exception))))
       (lambda _
         (format #f "~a ~s" (exception-message exception) (shortened (irritants exception))))))
    ((exception-with-message? exception)
     (let ((message (exception-message exception)))
       (if (string? message) message (format #f "~a" message))))
    ((exception? exception)
     (match (exception-kind exception)
       ('%exception (string-join (map condition-name (simple-exceptions exception)) ", "))
       (kind (symbol->string kind))))
    (else (format #f "~s was thrown" exception)))))

(define (near-miss word candidates)
  "The string of CANDIDATES that WORD is most likely a slip of, or #f where none is near, or where WORD is of
a length that nobody slips in."
  (define (distance a b)
    ;; Levenshtein with transposed neighbours (optimal string alignment), row by row.
    (let ((n (string-length b)))
      (let rows ((i 0) (before #f) (row (list->vector (iota (+ n 1)))))
        (if (= i (string-length a))
            (vector-ref row n)
            (let ((next (make-vector (+ n 1) (+ i 1))))
              (do ((j 1 (+ j 1))) ((> j n))
                (let* ((same? (char=? (string-ref a i) (string-ref b (- j 1))))
                       (best (min (+ (vector-ref row j) 1)
                                  (+ (vector-ref next (- j 1)) 1)
                                  (+ (vector-ref row (- j 1)) (if same? 0 1)))))
                  (vector-set! next j
                               (if (and before (> j 1)
                                        (char=? (string-ref a i) (string-ref b (- j 2)))
                                        (char=? (string-ref a (- i 1)) (string-ref b (- j 1))))
                                   (min best (+ (vector-ref before (- j 2)) 1))
                                   best))))
              (rows (+ i 1) row next))))))
  (or (find (lambda (other) (string-ci=? word other)) candidates)
      (let loop ((rest (if (> (string-length word) 60) '() candidates))
                 (best #f)
                 (least (max 1 (quotient (+ 2 (string-length word)) 3))))
        (if (null? rest)
            best
            (let ((d (distance word (car rest))))
              (if (<= d least)
                  (loop (cdr rest) (if (and best (= d least)) best (car rest)) d)
                  (loop (cdr rest) best least)))))))
