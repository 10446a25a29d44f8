;;; table.scm -- tables for people, and the same rows as CSV and JSON for programs.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A cell is a string, a number, a symbol, #f (nothing to say) or any other value, which is written
;;; as Scheme writes it.  A symbol that is a status has its colour on a terminal.
(define-module (sheepdog table)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog shown-text)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:export (print-table print-csv print-json json-row
            terminal? terminal-width table-width colour-wanted? dim
            format-time format-since format-ago
            status-text)
  #:re-export (one-line))

;;; The terminal.

(define* (terminal? #:optional (port (current-output-port)))
  "True where PORT is a terminal."
  (and (file-port? port) (isatty? port)))

(define* (colour-wanted? #:optional (port (current-output-port)))
  "True where PORT is a terminal that shows colours and NO_COLOR does not forbid them."
  (and (terminal? port)
       (member (or (getenv "NO_COLOR") "") '(""))
       (not (equal? (getenv "TERM") "dumb"))))

(define* (terminal-width #:optional (port (current-output-port)))
  "How many columns the terminal PORT has; #f where it is none."
  (and (terminal? port)
       (or (%terminal-width (port->fdes port))
           (and=> (getenv "COLUMNS") string->number)
           80)))

(define width-elsewhere 240) ; columns

(define (table-width)
  "How many columns a table has whose last one is what strangers wrote, however long: those of the
terminal, or 240 where the output is none."
  (or (terminal-width) width-elsewhere))

(define (paint text code)
  (string-append "\x1b[" code "m" text "\x1b[0m"))

(define* (dim text #:optional (port (current-output-port)))
  "TEXT as it is shown beside what matters, where PORT shows colours."
  (if (colour-wanted? port) (paint text "2") text))

(define (status-colour cell)
  (match cell
    ('ok "32") ('warning "33") ('critical "31") ('unknown "35") ('missing "35") (_ #f)))

;;; The width of text.

(define (wide? n)
  ;; East Asian wide and fullwidth characters, and pictures.
  (or (<= #x1100 n #x115f) (<= #x2e80 n #x303e) (<= #x3041 n #xa4cf) (<= #xa960 n #xa97c)
      (<= #xac00 n #xd7a3) (<= #xf900 n #xfaff) (<= #xfe30 n #xfe6f) (<= #xff00 n #xff60)
      (<= #xffe0 n #xffe6) (<= #x1f300 n #x1f64f) (<= #x1f680 n #x1f6ff) (<= #x1f900 n #x1f9ff)
      (<= #x20000 n #x3fffd)))

(define (char-width char)
  (let ((n (char->integer char)))
    (cond ((< n #x300) 1)
          ((memq (char-general-category char) '(Mn Me Cf)) 0)
          ((wide? n) 2)
          (else 1))))

(define (text-width text)
  "How many columns of a terminal TEXT takes."
  (string-fold (lambda (char sum) (+ sum (char-width char))) 0 text))

(define (truncate-text text width)
  "TEXT, of which at most WIDTH columns are shown; the last one is then an ellipsis."
  (if (<= (text-width text) width)
      text
      (let loop ((i 0) (used 0))
        (let ((next (+ used (char-width (string-ref text i)))))
          (if (> next (- width 1))
              (string-append (substring text 0 i) "…")
              (loop (+ i 1) next))))))

(define (number->text number)
  (cond ((and (exact? number) (not (integer? number))) (number->text (exact->inexact number)))
        ((and (inexact? number) (integer? number) (< (abs number) 1e15))
         (number->string (inexact->exact number)))
        (else (number->string number))))

(define (cell->text cell)
  (cond ((string? cell) (one-line cell))
        ((symbol? cell) (one-line (symbol->string cell)))
        ((real? cell) (number->text cell))
        ((not cell) "-")
        (else (one-line (object->string cell)))))

(define (heading->text heading)
  (if (symbol? heading) (symbol->string heading) heading))

(define* (status-text status #:optional (port (current-output-port)))
  "STATUS, a symbol, as PORT shows it: with its colour on a terminal."
  (let ((colour (and (colour-wanted? port) (status-colour status)))
        (text (cell->text status)))
    (if colour (paint text colour) text)))

;;; For people.

(define* (print-table headings rows #:key (port (current-output-port))
                      (colour? (colour-wanted? port)) (width (terminal-width port))
                      (right-aligned '()) (above #f))
  "Print ROWS, a list of lists of cells, under HEADINGS, a list of strings or symbols, in aligned
columns.  Columns of numbers alone, and those whose heading is in RIGHT-ALIGNED, stand to the right.
Where WIDTH is not #f, the last column is cut so that no line is wider.  COLOUR? paints statuses.
Return how the columns stand; where ABOVE is that of rows that were printed before, these go on below them."
  (define count (length headings))
  (define texts (map (lambda (row) (map cell->text row)) rows))
  (define heads (map (lambda (heading) (one-line (heading->text heading))) headings))
  (define columns
    ;; For each a width, and whether it stands to the right.
    (map (lambda (i heading head before)
           (cons (fold (lambda (row widest) (max widest (text-width (list-ref row i))))
                       (if before (car before) (text-width head)) texts)
                 (if before
                     (cdr before)
                     (or (and (member heading right-aligned) #t)
                         (and (pair? rows)
                              (any (lambda (row) (real? (list-ref row i))) rows)
                              (every (lambda (row) (let ((cell (list-ref row i)))
                                                     (or (not cell) (real? cell))))
                                     rows))))))
         (iota count) headings heads (or above (make-list count #f))))
  (define room-at-end
    (and width
         (max 8 (- width (fold (lambda (column sum) (+ sum 2 (car column)))
                               0 (if (pair? columns) (drop-right columns 1) '()))))))
  (define (print-line cells colours)
    (let loop ((cells cells) (columns columns) (colours colours))
      (match cells
        (() (newline port))
        ((cell . rest)
         (let* ((last? (null? rest))
                (text (if (and last? room-at-end) (truncate-text cell room-at-end) cell))
                (padding (make-string (max 0 (- (caar columns) (text-width text))) #\space))
                (shown (if (and colour? (car colours)) (paint text (car colours)) text)))
           (cond ((cdar columns)
                  (unless (and last? room-at-end (> (caar columns) room-at-end))
                    (display padding port))
                  (display shown port))
                 (else
                  (display shown port)
                  (unless last? (display padding port))))
           (unless last? (display "  " port))
           (loop rest (cdr columns) (cdr colours)))))))
  (unless above (print-line heads (make-list count "1")))
  (for-each (lambda (row text) (print-line text (map status-colour row))) rows texts)
  columns)

;;; For programs.

(define (csv-field cell)
  (let ((text (cond ((string? cell) cell)
                    ((symbol? cell) (symbol->string cell))
                    ((real? cell) (number->text cell))
                    ((not cell) "")
                    (else (object->string cell)))))
    (if (string-any (char-set #\, #\" #\newline #\return) text)
        (string-append "\"" (string-join (string-split text #\") "\"\"") "\"")
        text)))

(define* (print-csv headings rows #:key (port (current-output-port)))
  "Print ROWS, lists of cells, as CSV (RFC 4180, but with the line ends of this system, which shells
expect) whose first line is HEADINGS; where HEADINGS is #f there is no such line.  #f is an empty
field."
  (define (print-record cells)
    (display (string-join (map csv-field cells) ",") port)
    (newline port))
  (when headings (print-record headings))
  (for-each print-record rows))

(define (cell->json cell)
  (cond ((or (string? cell) (symbol? cell) (boolean? cell)) cell)
        ((real? cell)
         (cond ((or (nan? cell) (inf? cell)) 'null)
               ((and (exact? cell) (not (integer? cell))) (exact->inexact cell))
               (else cell)))
        ((null? cell) #())
        ((list? cell) (list->vector (map cell->json cell)))
        ((vector? cell) (list->vector (map cell->json (vector->list cell))))
        (else (object->string cell))))

(define (cell->json/null cell)
  (if cell (cell->json cell) 'null))

(define (json-row row)
  "The cells of ROW as a JSON array on a line of its own, a string; lists in it are arrays too, and a cell #f
becomes null."
  (string-append (%scm->json (list->vector (map cell->json/null row))) "\n"))

(define* (print-json headings rows #:key (port (current-output-port)) json-cells)
  "Print ROWS as a JSON array of objects, a line each, whose keys are HEADINGS.  #f becomes null.
Cells under a heading in the list JSON-CELLS are printed as they are: they are Scheme as of
%json->scm, objects alists."
  (define keys (map heading->text headings))
  (define raw (map (lambda (heading) (and json-cells (member heading json-cells) #t)) headings))
  (define (object row)
    (%scm->json (map (lambda (key cell raw?)
                       (cons key (if raw? cell (cell->json/null cell))))
                     keys row raw)))
  (display "[" port)
  (let loop ((rows rows) (first? #t))
    (unless (null? rows)
      (display (if first? "\n" ",\n") port)
      (display (object (car rows)) port)
      (loop (cdr rows) #f)))
  (display (if (null? rows) "]\n" "\n]\n") port))

;;; Times.

(define* (format-time seconds #:optional short?)
  "SECONDS since the epoch in the user's zone, as \"2026-11-21 14:03:05\"; where SHORT? is true and
it is today, \"14:03:05\".  #f, no time, is \"-\"; the symbol now stays that."
  (match seconds
    (#f "-")
    ((? symbol?) (symbol->string seconds))
    (_
     (let ((time (localtime (inexact->exact (floor seconds))))
           (today (localtime (current-time))))
       (strftime (if (and short?
                          (= (tm:year time) (tm:year today))
                          (= (tm:yday time) (tm:yday today)))
                     "%H:%M:%S"
                     "%Y-%m-%d %H:%M:%S")
                 time)))))

(define* (format-since seconds #:optional (now (%now)))
  "How long ago the time SECONDS was at NOW, in its two largest units, as \"6h 2m\".  #f, no time, is
\"-\"; one to come, where a clock was set back, is as \"in 6h 2m\"."
  (cond ((not seconds) "-")
        ((< (abs (- now seconds)) 1) "now")
        ((> seconds now) (string-append "in " (format-seconds (- seconds now))))
        (else (format-seconds (- now seconds)))))

(define* (format-ago seconds #:optional (now (%now)))
  "How long ago the time SECONDS was at NOW, as \"6h 2m ago\" or \"just now\"."
  (match (format-since seconds now)
    ("now" "just now")
    ("-" "never")
    ((? (lambda (text) (string-prefix? "in " text)) text) text)
    (text (string-append text " ago"))))
