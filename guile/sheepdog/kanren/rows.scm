;;; rows.scm -- goals whose answers are the rows of a cursor
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (sheepdog kanren rows)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (sheepdog kanren constraint)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog kanren run)
  #:use-module (sheepdog kanren term)
  #:use-module (srfi srfi-9)
  #:export (goal-from-rows))

;; So many rows are asked for first, and at most.
(define %first-rows 64)
(define %most-rows 1024)

;; So many rows that do not match are looked at in one go before others get a turn.
(define %rows-in-a-row 64)

;;; Making terms equal to the elements of one row after another, in one state.  Most
;;; terms are free variables, without constraints.  These need no unification: the
;;; bindings of each row's state are the same trie, but for the values in it.

(define (free-variable? term state)
  (and (var? term)
       (eq? term (walk term state))
       (none? (attr-of state term))))

(define (trie-maker trie base vars+places)
  "Return the procedure that makes of a row what TRIE is, where for the variables of
VARS+PLACES, an alist, stand the elements at these places.  What TRIE has from BASE
is shared."
  (define (constant value) (lambda (row) value))
  (let make ((node trie) (base base))
    (cond
     ((eq? node base) (constant node))
     ((vector? node)
      (match (map (lambda (i) (make (vector-ref node i)
                                    (and (vector? base) (vector-ref base i))))
                  (iota 4))
        ((a b c d) (lambda (row) (vector (a row) (b row) (c row) (d row))))))
     ((and node (assq (car node) vars+places))
      => (match-lambda
           ((var . place) (lambda (row) (cons var (vector-ref row place))))))
     (else (constant node)))))

(define (row-unifier state terms)
  "Return the procedure that makes the list TERMS equal to the elements of a row, a
vector, in STATE, and returns the new state or #f.  STATE has branched before."
  (define-values (free others)
    (let sort ((terms terms) (place 0) (free '()) (others '()))
      (cond
       ((null? terms) (values free (reverse others)))
       ((and (free-variable? (car terms) state) (not (assq (car terms) free)))
        (sort (cdr terms) (+ place 1) (acons (car terms) place free) others))
       (else
        (sort (cdr terms) (+ place 1) free (acons (car terms) place others))))))
  (define base (state-bindings state))
  (define make-bindings
    (trie-maker (fold (lambda (var+place trie) (trie-set trie (car var+place) #t)) base free)
                base free))
  (define scope (state-scope state))
  (define run (state-run state))
  (if (null? others)
      (lambda (row) (make-state (make-bindings row) scope run))
      (lambda (row)
        (let loop ((state (make-state (make-bindings row) scope run)) (others others))
          (cond
           ((null? others) state)
           ((unify state (caar others) (vector-ref row (cdar others)))
            => (lambda (state) (loop state (cdr others))))
           (else #f))))))

;;; The stream of rows.

;; What a stream holds of a cursor.  Where a search gives a stream up, as that of onceo,
;; nothing tells so; but then the collector finds that nobody holds it.
(define-record-type <cursor>
  (%make-cursor read close)
  cursor?
  (read cursor-read)     ; see goal-from-rows
  (close cursor-close))  ; thunk; more than once does nothing

(define abandoned (make-guardian))

(define (make-cursor read close)
  (let ((cursor (%make-cursor read close)))
    (abandoned cursor)
    cursor))

(define (close-abandoned!)
  (let loop ((cursor (abandoned)))
    (when cursor
      ((cursor-close cursor))
      (loop (abandoned)))))

(define (stream-of-rows row->state cursor)
  "Return the states, not #f, that ROW->STATE gives for the rows of CURSOR; see
goal-from-rows."
  (let next-rows ((size %first-rows))
    (let* ((batch ((cursor-read cursor) size))
           (more? (car batch)))
      (unless more? ((cursor-close cursor)))
      (let next ((rows (cdr batch)))
        (let loop ((rows rows) (tries %rows-in-a-row))
          (cond
           ((null? rows)
            (and more? (next-rows (min %most-rows (* 4 size)))))
           ((row->state (car rows))
            => (lambda (state)
                 (let ((rows (cdr rows)))
                   (if (or more? (pair? rows))
                       (cons state (lambda () (next rows)))
                       state))))
           ((zero? tries) (lambda () (next (cdr rows))))
           (else (loop (cdr rows) (- tries 1)))))))))

(define (goal-from-rows open terms)
  "Return the goal that the list TERMS equals one of the rows of a cursor.  OPEN is
called with the state and returns two procedures.  The first is called with a number
N when rows are needed, and returns a pair: whether there may be more than these, and
the list of the next rows, N at most, vectors with an element for each of TERMS.  The
second closes the cursor; it is called after the last row, or at the end of the run."
  (lambda (state)
    (barrier state
      (let ((branch (state-branch state)))
        (lambda ()
          (close-abandoned!)
          (call-with-values (lambda () (open branch))
            (lambda (read close)
              (let ((cursor (make-cursor read (at-end-of-run branch close))))
                (stream-of-rows (row-unifier branch terms) cursor)))))))))
