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

(define (start-prolog facts)
  "A process that holds FACTS and answers five.pl's questions, as a port; and the seconds it took to load."
  (let* ((port (open-pipe* OPEN_BOTH "swipl" "--stack-limit=4g" "-g" "main" (source-file "five.pl")
                           "--" facts))
         (loaded (read-line port)))
    (when (eof-object? loaded)
      (format #t "prolog: swipl failed~%")
      (exit 1))
    (values port loaded)))

(define (ask-prolog port question)
  "How many milliseconds Prolog took for QUESTION, and how many answers it has."
  (format port "~a~%" (question-name question))
  (force-output port)
  (match (map string->number (string-split (read-line port) #\space))
    ((time count) (values time count))))

;; Both are asked in turn, some times each and for some seconds, so that what else the machine does
;; meets both.
(define rounds 7)
(define long-enough 3000)  ; milliseconds of a question, both sides together

(define (times-of ask)
  "What some rounds of ASK took, a thunk of a time and of a number of answers; and that number."
  (let loop ((round 0) (times '()))
    (let-values (((time count) (ask)))
      (if (= round rounds)
          (values times count)
          (loop (+ round 1) (cons time times))))))

(define (measure question port)
  "The medians of ours and of Prolog in milliseconds, and how many answers there are.  The first of each
block is not counted: it finds what the other side left in the processor's caches."
  (define (ask-ours)
    (let-values (((answers time) (milliseconds-of (question-ask question))))
      (values time (length answers))))
  (define (ask-theirs) (ask-prolog port question))
  (parameterize ((current-present present))
    (let loop ((spent 0) (ours '()) (theirs '()))
      (let-values (((our-times our-count) (times-of ask-ours))
                   ((their-times their-count) (times-of ask-theirs)))
        (unless (= our-count their-count)
          (format #t "~a: ~a answers of ours, ~a of Prolog~%"
                  (question-name question) our-count their-count)
          (exit 1))
        (let ((ours (append our-times ours))
              (theirs (append their-times theirs))
              (spent (+ spent (apply + our-times) (apply + their-times))))
          (if (> spent long-enough)
              (values (median ours) (median theirs) our-count)
              (loop spent ours theirs)))))))

(define (show question port)
  "Print a line about QUESTION; return the ratio."
  (let*-values (((ours theirs rows) (measure question port))
                ((ratio) (/ ours theirs)))
    (format #t "~16a ~8@a ms  Prolog ~8@a ms  ratio ~,2f  rows ~6@a~%"
            (question-name question) (show-number ours) (show-number theirs) ratio rows)
    ratio))

(define (main)
  (cond
   ((not (search-path (parse-path (getenv "PATH")) "swipl"))
    (format #t "prolog: not measured, swipl is not installed (Debian: swi-prolog-nox)~%"))
   (else
    (let ((file (herd-file (reports-wanted))))
      (let-values (((port loaded) (start-prolog (compiled-facts file))))
        (open-herd file)
        (format #t "  the facts were loaded in ~a s~%" loaded)
        (let ((ratios (map (lambda (question) (show question port)) (five-questions))))
          (close-pipe port)
          (format #t "prolog ratio ~,2f~%" (apply max ratios))))))))

(main)
