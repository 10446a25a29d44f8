;;; numbering.scm -- the variables and constants of a conjunction by numbers.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query plan numbering)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query number)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (make-numbering numbered-variables numbered-outside note-inner! numbered-constants
            variable-number! number-terms!))

(define-record-type <numbering>
  (%make-numbering variables constants inner)
  numbering?
  (variables numbering-variables set-numbering-variables!) ; list, the newest first
  (constants numbering-constants set-numbering-constants!) ; likewise
  (inner numbering-inner set-numbering-inner!))            ; list: variables inside of a goal

(define (numbered-variables numbering)
  "The variables that NUMBERING has numbered, from 0 on."
  (reverse (numbering-variables numbering)))

(define (numbered-outside numbering)
  "The variables that NUMBERING has numbered but for those of which note-inner! was told."
  (lset-difference eq? (numbered-variables numbering) (numbering-inner numbering)))

(define (note-inner! numbering variables)
  "Note that VARIABLES, a list, are inside of a goal."
  (set-numbering-inner! numbering (append variables (numbering-inner numbering))))

(define (numbered-constants numbering)
  "The constants that NUMBERING has numbered, from 0 on."
  (reverse (numbering-constants numbering)))

(define (make-numbering)
  "What gives the variables and the constants of a conjunction numbers, from 0."
  (%make-numbering '() '() '()))

(define (number-in list x same?)
  ;; The number of X in LIST, whose last element is number 0; #f where it is not there.
  (let loop ((rest list))
    (cond ((null? rest) #f)
          ((same? x (car rest)) (length (cdr rest)))
          (else (loop (cdr rest))))))

(define (variable-number! numbering variable)
  "The number of VARIABLE."
  (or (number-in (numbering-variables numbering) variable eq?)
      (begin
        (set-numbering-variables! numbering (cons variable (numbering-variables numbering)))
        (- (length (numbering-variables numbering)) 1))))

(define (constant! numbering value)
  (let ((n (or (number-in (numbering-constants numbering) value equal?)
               (begin
                 (set-numbering-constants! numbering (cons value (numbering-constants numbering)))
                 (- (length (numbering-constants numbering)) 1)))))
    (cons* 'const (constant-kind-of value) n)))

(define (constant-kind-of value)
  (cond ((string? value) 'string)
        ((finite-real? value) 'number)
        ((memq value '(now running #f)) value)
        (else 'other)))

(define (number-terms! numbering terms state)
  "TERMS in STATE as arguments of an item; where STATE is #f they are values."
  (map (lambda (term)
         (let ((value (if state (walk term state) term)))
           (if (var? value)
               (variable-number! numbering value)
               (constant! numbering value))))
       terms))
