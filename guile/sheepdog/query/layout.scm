;;; layout.scm -- questions as text, laid out on lines as people write them.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query layout)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query goal-form)
  #:use-module (srfi srfi-1)
  #:export (form->lines))

(define* (form->lines form #:optional (width 72))
  "FORM, of a question, as a list of lines, of at most WIDTH characters where it can be done."
  (let ((text (form->text form)))
    (if (and (fits? text width) (not (broken? form)))
        (list text)
        (match form
          (((? symbol? head) . rest)
           (match (held-back head)
             (#f (laid-out (list head) rest (+ 2 (string-length (symbol->string head))) width))
             (0 (laid-out (list head) rest (+ 2 (string-length (symbol->string head))) width))
             (n (let ((n (min n (length rest))))
                  (laid-below (cons head (take rest n)) (drop rest n) width)))))
          (((? pair?) ..1) (laid-out '() form 1 width))
          (_ (list text))))))

(define (fits? text width)
  (<= (string-length text) width))

(define (held-back head)
  "How many of the arguments of HEAD, a form that has goals, stand on its own line; 0: none, and the
goals stand beside it; #f: it has no goals."
  (case head
    ((run* fresh project define-relation define-question defrel ordero limito) 1)
    ((run counto sumo mino maxo avgo mediano) 2)
    ((groupo) 3)
    ((noto someo onceo conde conda condu) 0)
    (else #f)))

(define (broken? form)
  ;; A definition, and a run of several goals, is easier to read on lines of their own.
  (match form
    (((or 'define-relation 'define-question 'defrel) . _) #t)
    (('run* _ _ _ . _) #t)
    (_ #f)))

(define (laid-below first rest width)
  "The line of the list FIRST, or two where they are long, and below it those of REST, two columns in."
  (define (head words) (string-append "(" (string-join (map form->text words) " ")))
  (let ((heads (if (or (fits? (head first) width) (< (length first) 3))
                   (list (head first))
                   (list (head (drop-right first 1))
                         (string-append (make-string (+ 2 (string-length (form->text (car first)))) #\space)
                                        (form->text (last first)))))))
    (closed (append heads (append-map (lambda (form) (indented 2 (form->lines form (- width 2)))) rest)))))

(define (laid-out first rest column width)
  "The lines of the list FIRST and of REST, each of which stands on lines of its own from COLUMN on."
  (let ((lines (append-map (lambda (form) (indented column (form->lines form (- width column)))) rest))
        (head (if (null? first) "(" (string-append "(" (form->text (car first)) " "))))
    (match lines
      (() (list (string-append (string-trim-right head) ")")))
      ((line . lines)
       (closed (cons (string-append head (substring line column)) lines))))))

(define (indented column lines)
  (map (lambda (line) (string-append (make-string column #\space) line)) lines))

(define (closed lines)
  (append (drop-right lines 1) (list (string-append (last lines) ")"))))
