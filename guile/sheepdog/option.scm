;;; option.scm -- options that are declared once: default, check and help together.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog option)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (make-option option-name option-default option-check option-check-name option-help
            option-ref complete-options describe-value
            percentage? strings? duration? positive-number? positive-integer? natural? port-number?
            non-empty-string? one-of describe-check))

(define-immutable-record-type <option>
  (make-option name default check check-name help)
  option?
  (name option-name)              ; symbol
  (default option-default)        ; value
  (check option-check)            ; value -> boolean
  (check-name option-check-name)  ; the check as written, or words for messages
  (help option-help))             ; string, one sentence

(define (option-ref options name)
  "The value of the option NAME (a symbol) in OPTIONS, the alist that a monitor is given."
  (match (assq name options)
    ((_ . value) value)
    (#f (scm-error 'misc-error "option-ref" "no option ~a is declared" (list name) (list name)))))

(define (complete-options declared arguments owner location)
  "An alist of every option of DECLARED (a list of options) to its value from ARGUMENTS (a keyword
list) or its default.  Two of them that are called warning and critical, or NAME-warning and
NAME-critical, must be in the order of their defaults.  Errors: &config-error at LOCATION that names
OWNER (a string), the option and what would be right."
  (define (name-of keyword) (keyword->symbol keyword))
  (let loop ((rest arguments) (given '()))
    (match rest
      (() (check-thresholds declared given owner location)
          (map (lambda (option)
                 (or (assq (option-name option) given)
                     (cons (option-name option) (option-default option))))
               declared))
      (((? keyword? keyword) value . more)
       (let ((option (find (lambda (o) (eq? (option-name o) (name-of keyword))) declared)))
         (cond
          ((not option)
           (let ((near (near-miss (symbol->string (name-of keyword))
                                  (map (compose symbol->string option-name) declared))))
             (raise-config-error location "~a: unknown option #:~a~a" owner (name-of keyword)
                                 (cond (near (string-append ", did you mean #:" near "?"))
                                       ((null? declared) "; it has none")
                                       (else (format #f "; it has ~{#:~a~^, ~}"
                                                     (map option-name declared)))))))
          ((not ((option-check option) value))
           (raise-config-error location "~a: #:~a is ~a, it must be ~a" owner (name-of keyword)
                               (describe-value value) (describe-check (option-check-name option))))
          ((assq (name-of keyword) given)
           (raise-config-error location "~a: #:~a is given twice" owner (name-of keyword)))
          (else (loop more (acons (name-of keyword) value given))))))
      (((? keyword? keyword))
       (raise-config-error location "~a: #:~a has no value" owner (name-of keyword)))
      ((other . _)
       (raise-config-error location "~a: ~a stands where an option such as #:every would" owner
                           (describe-value other))))))

(define (describe-value value)
  "VALUE, which is not what it should be, as who wrote it knows it."
  (cond ((procedure? value)
         (match (procedure-name value)
           (#f "a procedure")
           (name (format #f "~a without parentheses" name))))
        ((record? value)
         (format #f "a ~a" (string-trim-both (symbol->string (record-type-name (record-type-descriptor value)))
                                             (char-set #\< #\>))))
        ((and (pair? value) (list? value) (any (lambda (x) (or (procedure? x) (record? x))) value))
         (format #f "a list of ~{~a~^, ~}" (map describe-value value)))
        (else (format #f "~s" value))))

;;; Thresholds.

(define (critical-for option declared)
  "The option of DECLARED that says from where on it is critical what is a warning by OPTION; or #f."
  (let ((name (symbol->string (option-name option))))
    (and (or (string=? name "warning") (string-suffix? "-warning" name))
         (let ((other (string->symbol
                       (string-append (string-drop-right name (string-length "warning"))
                                      "critical"))))
           (find (lambda (o) (eq? other (option-name o))) declared)))))

(define (check-thresholds declared given owner location)
  ;; Their defaults tell whether more is worse or less is.
  (define (value-of option)
    (match (assq (option-name option) given)
      ((_ . value) value)
      (#f (option-default option))))
  (define (in-words option)
    (format #f "#:~a is ~a~a" (option-name option) (value-of option)
            (if (assq (option-name option) given) "" " where it is left out")))
  (define (check warning critical)
    (let ((defaults (list (option-default warning) (option-default critical)))
          (values (list (value-of warning) (value-of critical))))
      (when (and (every real? defaults) (every real? values))
        (let ((more-is-worse? (apply <= defaults)))
          (unless (apply (if more-is-worse? <= >=) values)
            (raise-config-error location
                                "~a: ~a and ~a, so there would be no warning; #:~a must be at ~a #:~a"
                                owner (in-words warning) (in-words critical)
                                (option-name critical) (if more-is-worse? "least" "most")
                                (option-name warning)))))))
  (for-each (lambda (option)
              (let ((critical (critical-for option declared)))
                (when critical (check option critical))))
            declared))

;;; Checks.

(define (percentage? x)
  "True for a number from 0 to 100."
  (and (real? x) (<= 0 x 100)))
(define (strings? x)
  "True for a list of strings."
  (and (list? x) (every string? x)))
(define (duration? x)
  "True for a length of time in seconds, more than 0."
  (and (real? x) (> x 0)))
(define (positive-number? x)
  "True for a real number of more than 0."
  (and (real? x) (> x 0)))
(define (positive-integer? x)
  "True for 1, 2, 3 …"
  (and (exact-integer? x) (> x 0)))
(define (natural? x)
  "True for 0, 1, 2 …"
  (and (exact-integer? x) (>= x 0)))
(define (port-number? x)
  "True for a TCP or UDP port."
  (and (exact-integer? x) (<= 1 x 65535)))
(define (non-empty-string? x)
  "True for a string of at least one character."
  (and (string? x) (not (string-null? x))))
(define (one-of . values)
  "A check that is true for each of VALUES."
  (lambda (x) (and (member x values) #t)))

(define descriptions
  '((percentage? . "a percentage (0 to 100)")
    (strings? . "a list of strings")
    (duration? . "a length of time such as (minutes 5)")
    (positive-number? . "a number of more than 0")
    (positive-integer? . "a whole number of at least 1")
    (natural? . "a whole number of at least 0")
    (port-number? . "a port (1 to 65535)")
    (non-empty-string? . "a string that is not empty")
    (string? . "a string")
    (boolean? . "#t or #f")
    (symbol? . "a symbol")
    (number? . "a number")
    (integer? . "a whole number")
    (list? . "a list")))

(define (describe-check check-name)
  "What a value must be to pass the check that is written CHECK-NAME, in words."
  (match check-name
    ((? string? words) words)
    ((? symbol? name) (or (assq-ref descriptions name) (format #f "what ~a accepts" name)))
    (('one-of . values) (format #f "one of ~{~a~^, ~}" values))
    (other (format #f "what ~s accepts" other))))
