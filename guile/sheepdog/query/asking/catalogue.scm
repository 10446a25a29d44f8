;;; catalogue.scm -- the library of questions as people read it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking catalogue)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query asking library)
  #:use-module (sheepdog query asking parameter)
  #:use-module (sheepdog table)
  #:use-module (srfi srfi-1)
  #:export (print-questions explain-question))

(define (in-apostrophes text) (format #f "'~a'" text))

(define (in-quotation-marks text) (format #f "~s" text))

(define* (parameter->text parameter #:optional (quote-text in-apostrophes))
  "How PARAMETER is given, with its default, a text in it as QUOTE-TEXT has it where that is needed."
  (match (parameter-default parameter)
    (#f (parameter-usage parameter))
    ('any (format #f "[~a]" (parameter-usage parameter)))
    (default (format #f "[--~a ~a]" (parameter-name parameter)
                     (if (string-any (char-set #\space #\* #\? #\') default)
                         (quote-text default)
                         default)))))

(define (first-line text)
  (substring text 0 (or (string-index text #\newline) (string-length text))))

(define (print-questions questions json?)
  "Print QUESTIONS, a list, as a table, or where JSON? is true as JSON."
  (if json?
      (print-json
       '(name doc parameters place)
       (map (lambda (question)
              (list (question-name question) (question-doc question)
                    (list->vector
                     (map (lambda (parameter)
                            `(("name" . ,(symbol->string (parameter-name parameter)))
                              ("type" . ,(symbol->string (parameter-type-name parameter)))
                              ("required" . ,(parameter-required? parameter))
                              ("default" . ,(match (parameter-default parameter)
                                              ((? string? default) default)
                                              (_ 'null)))
                              ("help" . ,(parameter-help parameter))))
                          (question-parameters question)))
                    (question-place question)))
            questions)
       #:json-cells '(parameters))
      (print-table
       '(name options asks)
       (map (lambda (question)
              (list (symbol->string (question-name question))
                    (string-join (map parameter->text (question-parameters question)) " ")
                    (first-line (question-doc question))))
            questions))))

(define* (explain-question question #:key repl?)
  "Print what QUESTION asks and what its options are, to somebody at a shell, or where REPL? is true at a REPL."
  (define parameters (question-parameters question))
  (define width
    (fold max 0 (map (compose string-length parameter-usage) parameters)))
  (format #t "Usage: ~a ~a~a~%~%~a~%~%" (if repl? ",ask" "sheepdog query") (question-name question)
          (string-concatenate
           (map (lambda (parameter)
                  (string-append " " (parameter->text parameter (if repl? in-quotation-marks in-apostrophes))))
                parameters))
          (question-doc question))
  (for-each (lambda (parameter)
              (format #t "      ~a  ~a~a~%" (string-pad-right (parameter-usage parameter) width)
                      (parameter-help parameter)
                      (match (parameter-default parameter)
                        (#f (format #f " It must be given."))
                        ('any "")
                        (default (format #f " Default: ~a." default)))))
            parameters)
  (unless (null? parameters) (newline))
  (if repl?
      (format #t ",why shows by which rows of the store each answer is known, ,explain how the answers are found.~%")
      (format #t "The options of sheepdog query, such as --json, may stand beside ~a; see sheepdog query --help.~%"
              (if (null? parameters) "it" "these")))
  (format #t "The question is defined in ~a~a.~%" (question-place question)
          (match (question-hidden question)
            (#f "")
            (place (format #f ", and hides that in ~a" place)))))
