;;; herd.scm -- the store that questions are asked of.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A question sees one snapshot: the first relation of a run that reads the store takes it, and the
;;; end of the run lets it go.  A run inside another one sees the outer one's.
(define-module (sheepdog query herd)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog program)
  #:use-module (sheepdog store)
  #:use-module (srfi srfi-9)
  #:export (open-herd close-herd current-herd limit-herd! herd-reader
            open-rows first-row query-plan))

(define-record-type <herd>
  (make-herd reader runs)
  herd?
  (reader herd-reader)             ; number, see open-reader
  (runs herd-runs set-herd-runs!)) ; of the kanren, that hold the snapshot

(define herd-cache
  ;; KiB of pages that are kept for the next question.  At 10 million reports the five questions of
  ;; ./etc/bench use up to 25 MiB; with 8 MiB some of them take three times as long.
  32768)

(define current-herd
  ;; The <herd> that relations read, or #f.
  (make-parameter #f))

(define* (open-herd #:optional path)
  "Open the store at PATH, or in it where it is a directory, for questions; left out, this user's, or
else the machine's.  Let it be the current herd, and return it.  A daemon may be writing it meanwhile.
Errors: &core-error."
  (let* ((store (cond ((not path) (store-to-read '()))
                      ((file-is-directory? path) (string-append path "/store.db"))
                      (else path)))
         (herd (make-herd (open-reader store #:cache herd-cache) '())))
    (current-herd herd)
    herd))

(define (file-is-directory? path)
  (let ((info (stat path #f)))
    (and info (eq? 'directory (stat:type info)))))

(define* (close-herd #:optional (herd (current-herd)))
  "Close HERD, left out: the current one."
  (set-herd-runs! herd '())
  (close-reader (herd-reader herd))
  (when (eq? herd (current-herd)) (current-herd #f)))

(define (limit-herd! herd seconds)
  "Let reading HERD raise a &core-error, timeout, once SECONDS have passed from now; #f: never."
  (%reader-deadline (herd-reader herd) seconds))

(define (hold-snapshot! herd state)
  "Let all that is read from HERD be of one moment, until the run of STATE ends."
  (let ((run (state-run state))
        (reader (herd-reader herd)))
    (unless (memq run (herd-runs herd))
      (%reader-hold reader)
      (set-herd-runs! herd (cons run (herd-runs herd)))
      (at-end-of-run state
                     (lambda ()
                       (when (memq run (herd-runs herd))
                         (set-herd-runs! herd (delq run (herd-runs herd)))
                         (%reader-release reader)))))))

(define (herd-or-complain)
  (or (current-herd)
      (raise-question-error #f "no store is open; (open-herd PATH) opens one")))

(define* (open-rows state sql parameters #:optional (kinds ""))
  "Open the rows of SQL with PARAMETERS in the current herd for a goal in STATE, as goal-from-rows wants
it: return a procedure for the next rows and one that closes them.  KINDS, a string with a character
for each column, says what becomes of its values: r raw, t time or length, e end, s status, o outcome,
p key of a package, u UUID; see row_packer.hh.
Errors: &question-error where no herd is open, &core-error."
  (let ((herd (herd-or-complain)))
    (hold-snapshot! herd state)
    (let ((cursor (%cursor-open (herd-reader herd) sql parameters kinds)))
      (values (lambda (n) (%cursor-rows cursor n))
              (lambda () (%cursor-close cursor))))))

(define (first-row sql parameters kinds)
  "The first row of SQL with PARAMETERS in the current herd, with values of KINDS, see open-rows; a vector,
or #f."
  (let ((cursor (%cursor-open (herd-reader (herd-or-complain)) sql parameters kinds)))
    (dynamic-wind
      (const #t)
      (lambda ()
        (match (%cursor-rows cursor 1)
          ((_ row . _) row)
          (_ #f)))
      (lambda () (%cursor-close cursor)))))

(define (query-plan sql parameters)
  "How SQLite would find the rows of SQL with PARAMETERS in the current herd: a list of steps
(ID PARENT DETAIL), PARENT the ID of the step that it is a part of, or 0.
Errors: &question-error where no herd is open, &core-error."
  (map (match-lambda ((id parent _ detail) (list id parent detail)))
       (apply select (herd-reader (herd-or-complain))
              (string-append "EXPLAIN QUERY PLAN " sql) parameters)))
