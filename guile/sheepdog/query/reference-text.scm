;;; reference-text.scm -- the reference of relations for a terminal, as a man page, and for README.org.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query reference-text)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query goal-form)
  #:use-module (sheepdog query layout)
  #:use-module (sheepdog query reference)
  #:use-module (sheepdog table)
  #:use-module (srfi srfi-1)
  #:export (print-reference print-entry print-reference-json
            write-manual reference->org))

(define (usage->text entry)
  (form->text (entry-usage entry)))

(define (example-lines entry)
  "The examples of ENTRY, as a list of lines, an empty one between two."
  (match (map form->lines (entry-examples entry))
    (() '())
    ((first . rest) (append first (append-map (lambda (lines) (cons "" lines)) rest)))))

;;; For a terminal.

(define room-for-summary 44) ; columns

(define* (print-reference groups #:key (width (terminal-width)))
  "Print GROUPS, see reference-groups, a line or where WIDTH columns are too few two for each entry."
  (define (print-group heading entries)
    (define widest (fold max 0 (map (compose string-length usage->text) entries)))
    (define wide? (or (not width) (>= width (+ 2 widest 2 room-for-summary))))
    (format #t "~a~%" heading)
    (for-each (lambda (entry)
                (if wide?
                    (format #t "  ~a  ~a~%" (string-pad-right (usage->text entry) widest)
                            (entry-summary entry))
                    (format #t "  ~a~%      ~a~%" (usage->text entry) (entry-summary entry))))
              entries))
  (for-each (lambda (group before)
              (unless (string-null? before) (newline))
              (print-group (car group) (cdr group)))
            groups (cons "" (drop-right (map car groups) 1)))
  (format #t "~%sheepdog query --relations NAME tells more about one, with an example.~%"))

(define (wrapped text width)
  "TEXT as lines of at most WIDTH characters, as far as its words allow."
  (let loop ((words (string-tokenize text)) (line "") (lines '()))
    (match words
      (() (reverse (if (string-null? line) lines (cons line lines))))
      ((word . rest)
       (cond ((string-null? line) (loop rest word lines))
             ((<= (+ (string-length line) 1 (string-length word)) width)
              (loop rest (string-append line " " word) lines))
             (else (loop rest word (cons line lines))))))))

(define* (print-entry entry #:key (width (terminal-width)))
  "Print all that is known about ENTRY, on lines of WIDTH columns at most."
  (define columns (min 100 (or width 100)))
  (format #t "~a~%~%" (usage->text entry))
  (format #t "~{~a~%~}" (wrapped (entry-doc entry) columns))
  (unless (null? (entry-arguments entry)) (newline))
  (let ((widest (fold max 0 (map (match-lambda ((name _) (string-length (symbol->string name))))
                                 (entry-arguments entry)))))
    (for-each (match-lambda
                ((name doc)
                 (let ((lines (wrapped doc (- columns widest 4))))
                   (format #t "  ~a  ~a~%" (string-pad-right (symbol->string name) widest) (car lines))
                   (for-each (lambda (line) (format #t "~a~a~%" (make-string (+ 4 widest) #\space) line))
                             (cdr lines)))))
              (entry-arguments entry)))
  (match (example-lines entry)
    (() #t)
    (lines
     (format #t "~%For example:~%~%")
     (for-each (lambda (line) (format #t "~a~a~%" (if (string-null? line) "" "  ") line)) lines))))

;;; For programs.

(define (print-reference-json groups)
  "Print GROUPS, see reference-groups, as JSON."
  (print-json
   '(group name usage doc arguments example)
   (append-map
    (match-lambda
      ((heading . entries)
       (map (lambda (entry)
              (list heading (entry-name entry) (usage->text entry) (entry-doc entry)
                    (list->vector
                     (map (match-lambda
                            ((name doc) `(("name" . ,(symbol->string name)) ("doc" . ,doc))))
                          (entry-arguments entry)))
                    (match (example-lines entry)
                      (() #f)
                      (lines (string-join lines "\n")))))
            entries)))
    groups)
   #:json-cells '(arguments)))

;;; The man page.

(define (roff text)
  "TEXT as roff prints it."
  (string-concatenate
   (cons (if (or (string-prefix? "." text) (string-prefix? "'" text)) "\\&" "")
         (map (match-lambda
                (#\\ "\\e") (#\- "\\-") (#\" "\\(dq") (#\~ "\\(ti") (#\^ "\\(ha") (#\' "\\(aq")
                (#\` "\\(ga") (char (string char)))
              (string->list text)))))

(define* (write-manual groups version #:optional (port (current-output-port)))
  "Write the man page of GROUPS, see reference-groups, to PORT; VERSION is that of Sheepdog, a string."
  (define (entry entry)
    (format port ".SS \"~a\"~%~a~%" (roff (usage->text entry)) (roff (entry-doc entry)))
    (for-each (match-lambda
                ((name doc)
                 (format port ".TP~%\\fI~a\\fR~%~a~%" (roff (symbol->string name)) (roff doc))))
              (entry-arguments entry))
    (match (example-lines entry)
      (() #t)
      (lines (format port ".PP~%.RS 4~%.nf~%~{~a~%~}.fi~%.RE~%" (map roff lines)))))
  (format port ".TH \"SHEEPDOG\\-RELATIONS\" \"7\" \"\" \"Sheepdog ~a\" \"Sheepdog\"
.nh
.ad l
.SH NAME
sheepdog\\-relations \\- what questions to Sheepdog are made of
.SH DESCRIPTION
A question is \\fB(run* (VARIABLE ...) GOAL ...)\\fR; \\fBsheepdog\\-query\\fR(1) asks it. It finds all
values of the variables for which every goal holds. A time is a number of seconds since the epoch. What
holds from \\fIsince\\fR until \\fIuntil\\fR holds up to \\fIuntil\\fR, which is the symbol now while it
lasts. The chapter \"Asking\" of README.org teaches all this from the beginning.
" version)
  (for-each (match-lambda
              ((heading . entries)
               (format port ".SH \"~a\"~%" (roff (string-upcase heading)))
               (for-each entry entries)))
            groups)
  (format port ".SH SEE ALSO~%\\fBsheepdog\\-query\\fR(1), \\fBsheepdog\\-repl\\fR(1)~%"))

;;; README.org.

(define (reference->org groups)
  "GROUPS, see reference-groups, as the table of README.org, a string."
  (define rows
    (append-map (match-lambda
                  ((heading . entries)
                   (cons* 'line (list (string-append "/" heading "/") "")
                          (map (lambda (entry)
                                 (list (string-append "~" (usage->text entry) "~")
                                       (entry-summary entry)))
                               entries))))
                groups))
  (define (widest which)
    (fold max 0 (filter-map (lambda (row) (and (pair? row) (string-length (which row)))) rows)))
  (let ((first (widest car)) (second (widest cadr)))
    (string-concatenate
     (map (match-lambda
            ('line (format #f "|-~a-+-~a-|~%" (make-string first #\-) (make-string second #\-)))
            ((usage summary)
             (format #f "| ~a | ~a |~%" (string-pad-right usage first)
                     (string-pad-right summary second))))
          rows))))
