;;; prolog.scm -- the five questions beside SWI-Prolog with the facts in memory.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; $REPORTS sets how many reports the herd has made; the facts are written, and compiled, where they
;;; are older than the store.

(use-modules (herd facts)
             (herd five)
             (herd measure)
             (ice-9 format)
             (ice-9 match)
             (ice-9 popen)
             (ice-9 rdelim)
             (sheepdog query)
             (sheepdog store)
             (srfi srfi-1)
             (srfi srfi-11))

(define (older? file than)
  (or (not (file-exists? file))
      (< (stat:mtime (stat file)) (stat:mtime (stat than)))))

(define (run-program . command)
  (unless (zero? (apply system* command))
    (format #t "prolog: ~a failed~%" (car command))
    (exit 1)))

(define (compiled-facts store)
  "The file of the facts of STORE as swipl has compiled them."
  (let* ((base (string-append (string-drop-right store 3) "-facts"))
         (source (string-append base ".pl"))
         (compiled (string-append base ".qlf")))
    (when (or (older? compiled store) (older? compiled (source-file "facts.scm")))
      (write-facts store source)
      (run-program "swipl" "-g" (format #f "qcompile('~a')" source) "-g" "halt")
      (delete-file source))
    compiled))

(define (source-file name)
  (string-append (getenv "SHEEPDOG_SOURCE") "/tests/bench/herd/" name))

(define (ask-prolog facts)
  "What five.pl says about FACTS: lists of words."
  (let ((port (open-pipe* OPEN_READ "swipl" "--stack-limit=4g" "-g" "main" (source-file "five.pl")
                          "--" facts)))
    (let loop ((lines '()))
      (match (read-line port)
        ((? eof-object?)
         (unless (eqv? 0 (status:exit-val (close-pipe port)))
           (format #t "prolog: swipl failed~%")
           (exit 1))
         (reverse lines))
        (line (loop (cons (string-split line #\space) lines)))))))

(define (show question reader theirs)
  "Print a line about QUESTION; return the ratio."
  (match (assoc (symbol->string (question-name question)) theirs)
    ((_ time count)
     (let*-values (((ours sql rows) (measure-question question reader 31)))
       (unless (= rows (string->number count))
         (format #t "~a: ~a answers of ours, ~a of Prolog~%" (question-name question) rows count)
         (exit 1))
       (let ((ratio (/ ours (string->number time))))
         (format #t "~16a ~8@a ms  Prolog ~8@a ms  ratio ~,2f  rows ~6@a~%"
                 (question-name question) (show-number ours)
                 (show-number (string->number time)) ratio rows)
         ratio)))))

(define (main)
  (cond
   ((not (search-path (parse-path (getenv "PATH")) "swipl"))
    (format #t "prolog: not measured, swipl is not installed (Debian: swi-prolog-nox)~%"))
   (else
    (let* ((file (herd-file (reports-wanted)))
           (theirs (ask-prolog (compiled-facts file)))
           (reader (open-reader file)))
      (open-herd file)
      (format #t "  the facts were loaded in ~a s~%" (cadr (assoc "loaded" theirs)))
      (let ((ratios (map (lambda (question) (show question reader theirs)) (five-questions))))
        (format #t "prolog ratio ~,2f~%" (apply max ratios)))))))

(main)
