;;; measure.scm -- times of questions and of SQL on a made-up herd, and whether they agree.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (herd measure)
  #:use-module (herd five)
  #:use-module (ice-9 format)
  #:use-module (ice-9 popen)
  #:use-module (ice-9 rdelim)
  #:use-module (sheepdog core)
  #:use-module (sheepdog query)
  #:use-module (sheepdog store)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (build-directory reports-wanted herd-file
            milliseconds-of median
            sql-rows same-answers?
            measure-question cold-milliseconds answer-cold
            show-number))

(define (build-directory)
  (cadr (program-arguments)))

(define (reports-wanted)
  "How many reports the herd has made, of $REPORTS."
  (let ((text (or (getenv "REPORTS") "10000000")))
    (or (string->number text)
        (begin
          (format (current-error-port) "REPORTS is ~s, it must be a number such as 1000000~%" text)
          (exit 2)))))

(define (herd-file reports)
  "The store with so many REPORTS, which is made where there is none."
  (let ((file (format #f "~a/bench-herd-~a.db" (build-directory) reports)))
    (unless (zero? (system* (string-append (build-directory) "/libexec/sheepdog/generate_herd")
                            file (number->string reports)))
      (exit 1))
    file))

(define (milliseconds-of thunk)
  "What THUNK returns, and how long it took."
  (let* ((start (get-internal-real-time))
         (value (thunk))
         (end (get-internal-real-time)))
    (values value (* 1e3 (/ (- end start) internal-time-units-per-second)))))

(define (median numbers)
  (list-ref (sort numbers <) (quotient (length numbers) 2)))

(define (sql-rows reader sql parameters)
  "All rows of SQL with PARAMETERS, as a list of vectors."
  (let ((cursor (%cursor-open reader sql parameters)))
    (let next ((rows '()))
      (let ((row (%cursor-next cursor)))
        (cond (row (next (cons row rows)))
              (else (%cursor-close cursor)
                    (reverse! rows)))))))

;;; The same answers: as multisets, numbers to a thousandth.

(define (comparable answer)
  (call-with-output-string
    (lambda (port)
      (let show ((x answer))
        (cond ((pair? x) (for-each show x))
              ((number? x) (format port "|~a" (inexact->exact (round (* 1000 x)))))
              (else (format port "|~a" x)))))))

(define (same-answers? ours theirs)
  (equal? (sort (map comparable ours) string<?)
          (sort (map comparable theirs) string<?)))

;;; Warm: both in turn on one store, which holds what they read.  No garbage is collected before: that
;;; would leave the processor's caches cold, as they are for nobody who asks twice.

(define (measure-question question reader rounds)
  "The medians of ours and of SQL in milliseconds, and how many answers there are; the herd and READER
are open on the same store.  Errors: where the answers differ."
  (define (theirs) (sql-rows reader (question-sql question) (question-parameters question)))
  (parameterize ((current-present present))
    (let ((answers ((question-ask question))))
      (unless (same-answers? answers (map (question-answer question) (theirs)))
        (format (current-error-port) "~a: the answers differ: ~a of ours, ~a of SQL~%"
                (question-name question) (length answers) (length (theirs)))
        (exit 1))
      (let loop ((round 0) (ours '()) (sql '()))
        (if (= round rounds)
            (values (median ours) (median sql) (length answers))
            (let*-values (((answers our-time) (milliseconds-of (question-ask question)))
                          ((rows sql-time) (milliseconds-of theirs)))
              (loop (+ round 1) (cons our-time ours) (cons sql-time sql))))))))

;;; Cold: the first in a process of its own, with its own connection; the system's cache is warm.

(define (answer-cold name side file)
  "Ask the question NAME, or its SQL where SIDE is sql, of FILE; print the milliseconds."
  (let ((question (find (lambda (q) (string=? name (symbol->string (question-name q))))
                        (five-questions))))
    (define-values (answers time)
      (milliseconds-of
       (lambda ()
         (if (string=? side "ours")
             (begin
               (open-herd file)
               (parameterize ((current-present present)) ((question-ask question))))
             (sql-rows (open-reader file) (question-sql question)
                       (question-parameters question))))))
    (format #t "~,3f~%" time)))

(define (cold-milliseconds question side file)
  "The median of some processes."
  (define (once)
    (let* ((port (open-pipe* OPEN_READ "guile" "--no-auto-compile" "-c"
                             "(use-modules (herd measure))
                              (apply answer-cold (cdr (command-line)))"
                             (symbol->string (question-name question))
                             (symbol->string side) file))
           (line (read-line port)))
      (unless (zero? (status:exit-val (close-pipe port)))
        (error "a cold question failed:" (question-name question) side))
      (string->number line)))
  (median (map (lambda (_) (once)) (iota 3))))

(define (show-number x)
  (cond ((< x 10) (format #f "~,2f" x))
        ((< x 100) (format #f "~,1f" x))
        (else (format #f "~d" (inexact->exact (round x))))))
