;;; aggregate.scm -- what many answers come to: counts, sums, averages; of all, or by groups.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; An aggregate waits for the variables from around it that its goals name, see waiting.scm.  The keys
;;; of groupo may be free; it has an answer for each group then.
;;;
;;; The goal is described, as (GROUP TERM ...), for who plans a conjunction: the TERMs are the keys, the
;;; results, and what the goals inside use of the variables around.  Of GROUP say
;;;   group-whole?       #t: counto and its like, an aggregate of all answers, which has no keys;
;;;                      #f: groupo
;;;   group-keys         list of terms
;;;   group-aggregates   list of (KIND RESULT-TERM), KIND being counto sumo mino maxo avgo or mediano
;;;   group-outer        alist of names to terms, of what is from around
;;;   group-instantiate  STATE -> two values: what goes into each of the aggregates, terms, #f for
;;;                      counto; and the conjunction of the goals, with new variables for the locals
;;; Where there is nothing that goes into it, counto and sumo say 0; the others have no answer, and a
;;; group with one of these has none.
(define-module (sheepdog query aggregate)
  #:use-module (ice-9 control)
  #:use-module (ice-9 match)
  #:use-module (sheepdog kanren)
  #:use-module (sheepdog kanren extend)
  #:use-module ((sheepdog kanren goal) #:select (with-fresh))
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog kanren stream)
  #:use-module (sheepdog kanren term)
  #:use-module (sheepdog query any-typed)
  #:use-module (sheepdog query late)
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query outer)
  #:use-module (sheepdog query tally)
  #:use-module (sheepdog query written)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (counto sumo mino maxo avgo mediano groupo
            group? group-whole? group-name group-written group-keys group-aggregates
            group-outer group-instantiate
            group-goal? group-answers any-typed-results complain-unknown-group))

(define-immutable-record-type <group>
  (make-group written name keys aggregates input-names outer instantiate)
  group?
  (written group-written)          ; see written.scm
  (name group-name)                ; symbol: how it was called
  (keys group-keys)                ; list of terms
  (aggregates group-aggregates)    ; list of (KIND RESULT-TERM)
  (input-names group-input-names)  ; list, of what goes into each of them as it was written, #f: nothing
  (outer group-outer)              ; alist of names to terms: what the goals use of what is around
  (instantiate group-instantiate)) ; STATE -> list of input terms, goal

(define (group-whole? group)
  "True where GROUP is an aggregate of all answers, such as counto."
  (not (eq? 'groupo (group-name group))))

;;; The forms.

(define-syntax counto
  (lambda (form)
    "(counto N (LOCAL ...) GOAL ...): the GOALs have N answers; each LOCAL is a new variable in them."
    (syntax-case form ()
      ((_ n (local ...) goal goals ...)
       (and-map identifier? #'(local ...))
       (with-syntax ((written (written-syntax form)))
         #'(group->goal
            (make-group 'written 'counto '() (list (list 'counto n)) '(#f)
                        (outer-terms (local ...) goal goals ...)
                        (lambda (state)
                          (with-fresh state (local ...)
                            (values (list #f) (fresh () goal goals ...)))))))))))

(define-syntax-rule (define-aggregate name doc)
  (define-syntax name
    (lambda (form)
      doc
      (syntax-case form ()
        ((_ result (x local (... ...)) goal goals (... ...))
         (and-map identifier? #'(x local (... ...)))
         (with-syntax ((written (written-syntax form)))
           #'(group->goal
              (make-group 'written 'name '() (list (list 'name result)) '(x)
                          (outer-terms (x local (... ...)) goal goals (... ...))
                          (lambda (state)
                            (with-fresh state (x local (... ...))
                              (values (list x) (fresh () goal goals (... ...)))))))))))))

(define-aggregate sumo
  "(sumo TOTAL (X LOCAL ...) GOAL ...): TOTAL is the sum of X in all answers to the GOALs, 0 of none.  X
and each LOCAL are new variables.  X must be a number, or now, the present time; where it is #f, or a
string that a fact has for a value, the answer adds nothing.  A whole TOTAL beyond 64 bits is inexact.
Numbers with six digits behind the point at most, such as all times, are added up as they are written: 0.1
and 0.2 make 0.3.")

(define-aggregate mino
  "(mino LEAST (X LOCAL ...) GOAL ...): LEAST is the least X in the answers to the GOALs, see sumo.  They
are all numbers, or all strings; among values of facts, which may be both, numbers stand before strings.")

(define-aggregate maxo
  "(maxo GREATEST (X LOCAL ...) GOAL ...): GREATEST is the greatest X, see mino.")

(define-aggregate avgo
  "(avgo MEAN (X LOCAL ...) GOAL ...): MEAN is the arithmetic mean of the numbers X in the answers to the
GOALs, see sumo; there is none where there is no X.")

(define-aggregate mediano
  "(mediano MEDIAN (X LOCAL ...) GOAL ...): MEDIAN is the one in the middle of the numbers X in the
answers to the GOALs, or between the two in the middle, see avgo.")

(define-syntax groupo
  (lambda (form)
    "(groupo (KEY ...) ((KIND RESULT X) ...) (LOCAL ...) GOAL ...): an answer for each group of answers
to the GOALs that have the same KEYs; in each the RESULTs are of the X of its answers.  KIND is counto,
which takes no X, sumo, mino, maxo, avgo or mediano.  KEYs are terms of variables around; a group is the
same whether they are known or not.  X is one of the LOCALs, new variables, or another term."
    (define (aggregate? x)
      (syntax-case x ()
        ((kind result)
         (eq? 'counto (syntax->datum #'kind)))
        ((kind result input)
         (memq (syntax->datum #'kind) '(sumo mino maxo avgo mediano)))
        (_ #f)))
    (define (input x)
      (syntax-case x () ((kind result) #'#f) ((kind result input) #'input)))
    (syntax-case form ()
      ((_ (key ...) (aggregate ...) (local ...) goal goals ...)
       (and (and-map identifier? #'(local ...))
            (and-map aggregate? #'(aggregate ...)))
       (with-syntax ((written (written-syntax form))
                     (((kind result . _) ...) #'(aggregate ...))
                     ((input ...) (map input #'(aggregate ...))))
         #'(group->goal
            (make-group 'written 'groupo (list key ...) (list (list 'kind result) ...) '(input ...)
                        (outer-terms (local ...) input ... goal goals ...)
                        (lambda (state)
                          (with-fresh state (local ...)
                            (values (list input ...) (fresh () goal goals ...)))))))))))

(define (group->goal group)
  (make-late-goal (cons group (append (group-terms group) (map cdr (group-outer group))))
                  group-answers complain-unknown-group))

(define (group-terms group)
  "What GROUP says something of: its keys and results."
  (append (group-keys group) (map cadr (group-aggregates group))))

(define (group-of goal)
  (match (goal-description goal) ((group . _) group)))

(define (group-goal? goal)
  "True where GOAL is one of an aggregate."
  (described-by? goal group?))

(define (group-answers goal state)
  "The stream of GOAL, of an aggregate, in STATE; unknown where what it uses of the variables around is
not known."
  (let/ec return
    (evaluate (group-of goal) state (lambda (complain) (return 'unknown)))))

(define (complain-unknown-group goal state)
  "Raise the &question-error that GOAL, of an aggregate, uses a variable that is not known in STATE."
  (evaluate (group-of goal) state (lambda (complain) (complain))))

;;; Answers.

(define (evaluate group state unknown)
  "The stream of GROUP in STATE.  UNKNOWN is called with what raises an error, where something is not
known."
  (define keys (group-keys group))
  ;; What the keys are is said by the goals.
  (define free (unknown-variables keys state))
  (define names (unknown-names (group-outer group) state free))
  (when (pair? names)
    (unknown (lambda () (complain-unknown-name (group-written group) (group-name group) names))))
  (stream-of-rows (state-branch state)
                  (map (lambda (term) (canonical term state)) (group-terms group))
                  (tally-rows (tally-answers group state free unknown))))

(define (canonical term state)
  (let ((value (walk term state)))
    (if (finite-real? value) (canonical-number value) value)))

(define (tally-answers group state free unknown)
  "The tally of all answers to the goals of GROUP in STATE, where the variables FREE are what its keys
leave open."
  (define start (state-branch state))
  (call-with-values (lambda () ((group-instantiate group) start))
    (lambda (inputs goal)
      (when (any var? inputs) (note-inside! start goal))
      (define tally
        (make-tally (group-written group) (group-name group) (map car (group-aggregates group))
                    (group-input-names group)
                    (map (lambda (input) (any-typed? input start)) inputs)
                    (group-whole? group)))
      (let loop ((stream (conjoin/inner start goal)))
        (call-with-values (lambda () (stream-next stream))
          (lambda (answer rest)
            (when answer
              (when (bound-outside? start answer free)
                (unknown (lambda ()
                           (complain-unknown-name (group-written group) (group-name group) '()))))
              (let ((keys (walk* (group-keys group) answer)))
                (when (pair? (unknown-variables keys answer))
                  (unknown (lambda () (complain-unknown-key group keys))))
                (tally-add! tally keys (map (lambda (input) (walk* input answer)) inputs)))
              (loop rest)))))
      tally)))

;; How deep goals in an aggregate are looked into for what they say of its inputs.
(define depth-inside 4)

(define (note-inside! start goal)
  "Note which variables may be a number or a string as GOAL, those inside of an aggregate, says in START."
  (for-each (lambda (term) (note-any-typed! term start))
            (any-typed-in start (list goal) depth-inside)))

(define (any-typed-results goal state)
  "Those results of GOAL, of an aggregate, in STATE that may be a number or a string: the least or greatest
of what may be."
  (define group (group-of goal))
  (define (best? aggregate) (memq (car aggregate) '(mino maxo)))
  (if (any best? (group-aggregates group))
      (let ((start (state-branch state)))
        (call-with-values (lambda () ((group-instantiate group) start))
          (lambda (inputs goal)
            (note-inside! start goal)
            (filter-map (lambda (aggregate input)
                          (and (best? aggregate) (any-typed? input start) (cadr aggregate)))
                        (group-aggregates group) inputs))))
      '()))

(define (complain-unknown-key group keys)
  (let* ((n (list-index (lambda (key) (not (known? key))) keys))
         (key (match (group-written group)
                ((_ _ (? list? names) . _) (and (< n (length names)) (list-ref names n)))
                (_ #f))))
    (raise-about (group-written group)
                 "groupo: the ~a key, ~a, is not known in an answer of its goals, and nothing beside it \
says what it is"
                 (ordinal n) (or key "which has no name"))))

(define (known? term)
  (if (pair? term)
      (and (known? (car term)) (known? (cdr term)))
      (not (var? term))))

(define (stream-of-rows branch terms rows)
  "The answers that the list TERMS equals one of ROWS in BRANCH, a state of its own."
  (let loop ((rows rows))
    (match rows
      (() #f)
      ((row . rest)
       (let ((state (unify branch terms row)))
         (cond ((not state) (loop rest))
               ((null? rest) state)
               (else (cons state (lambda () (stream-of-rows branch terms rest))))))))))
