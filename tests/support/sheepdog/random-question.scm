;;; random-question.scm -- questions by chance, of which it is known what each of their variables is
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A question is (run* (VARIABLE ...) GOAL ...).  Goals stand in an order in which each is about what
;;; those before it have said, or what a late goal beside it waits for; shuffled-question has them in
;;; any.  A variable is a letter for what it may be, and a number, so that no two are the same:
;;;   t text   u UUID   s status   o outcome   n number, time, or #f   e time or now   v number or text
;;;   l length of time
;;; (seeno VARIABLE) holds where the variable is known at its place: it looks at values, and is in no
;;; other order.
(define-module (sheepdog random-question)
  #:use-module (ice-9 match)
  #:use-module (sheepdog random-herd)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (random-question shuffled-question smaller-questions users-relations kind-of))

;; What the arguments of relations are.
(define relations
  '((hosto t) (facto t t v) (facto t t v) (fact-duringo t t v n e) (packageo t t t) (package-duringo t t t n e)
    (statuso t t s n) (stateo t t s n e) (interruptiono t t n e) (reporto u t t n t s t) (evento t t t n)
    (runo u t t o n e n) (run-useo u n n n n) (run-signalo u n) (sampleo t t n n)))

;; name -> (ARGUMENTS GOAL ...), for define-relation, and what the arguments are.
(define users-relations
  '((holdso (t1 v1) (fresh (t2) (facto t1 t2 v1)))
    (lateo (t1 n1) (>=o n1 3) (fresh (t2 s1) (statuso t1 t2 s1 n1)))
    (eithero (t1 t2) (conde ((fresh (n1) (evento t1 t2 t2 n1))) ((fresh (n2 e1) (interruptiono t1 t2 n2 e1)))))
    (unpackagedo (t1) (hosto t1) (noto (fresh (t2 t3) (packageo t1 t2 t3))))
    (talliedo (t1 n1) (hosto t1) (counto n1 (t2 v1) (facto t1 t2 v1)))
    (nearo (n1 n2) (fresh (n3) (pluso n1 n3 n2) (betweeno n3 0 2)))
    (nameo (t1) (conde ((== t1 "a")) ((== t1 "b"))))))

(define users-arguments
  '((holdso t v) (lateo t n) (eithero t t) (unpackagedo t) (talliedo t n) (nameo t)))

;;; What a question is made with.

(define-record-type <maker>
  (make-maker random count calls told)
  maker?
  (random maker-random)                  ; N -> a number below it
  (count maker-count set-maker-count!)   ; of variables
  (calls maker-calls set-maker-calls!)   ; list of the calls so far
  (told maker-told set-maker-told!))     ; list of variables that computations may tell

(define (new-variable maker kind)
  (set-maker-count! maker (+ 1 (maker-count maker)))
  (string->symbol (format #f "~a~a" kind (maker-count maker))))

(define (kind-of variable)
  "What VARIABLE may be, a letter as above."
  (string->symbol (string-take (symbol->string variable) 1)))

(define (pick maker list) (one-of list (maker-random maker)))
(define (maybe? maker percent) (chance? percent (maker-random maker)))

;; Which variables may stand where one of a kind is asked for; those that may not be equal seldom.
(define (fitting kind known maker)
  (define kinds
    (match kind
      ('t (if (maybe? maker 15) '(t v u) '(t)))
      ('v (if (maybe? maker 30) '(v t n u) '(v)))
      ('n (if (maybe? maker 15) '(n v e) '(n)))
      ('e (if (maybe? maker 30) '(e n) '(e)))
      ('u (if (maybe? maker 15) '(u t) '(u)))
      ('s (if (maybe? maker 15) '(s o) '(s)))
      ('o (if (maybe? maker 15) '(s o) '(o)))))
  (filter (lambda (variable)
            (and (memq (kind-of variable) kinds)
                 ;; A computation tells a number, which is not equal to now, also where it is the present time.
                 (not (and (memq 'e kinds) (memq variable (maker-told maker))))))
          known))

(define (constant maker kind)
  (match kind
    ('t (pick maker herd-texts))
    ('u (pick maker herd-ids))
    ('s `(quote ,(pick maker herd-statuses)))
    ('o `(quote ,(pick maker herd-outcomes)))
    ('n (pick maker herd-times))
    ('e (if (maybe? maker 30) ''now (pick maker herd-times)))
    ('v (pick maker (append herd-texts herd-numbers '(2. 1.) (if (maybe? maker 10) herd-large-numbers '()))))))

;;; Goals.  Each is made as a pair of a list of new variables and of a goal.

(define (call maker name kinds known)
  "A call of NAME with arguments of KINDS."
  (let loop ((kinds kinds) (terms '()) (new '()))
    (match kinds
      (() (cons (reverse new) (cons name (reverse terms))))
      ((kind . rest)
       (let ((variables (fitting kind (append new known) maker)))
         (cond ((and (pair? variables) (maybe? maker 35))
                (loop rest (cons (pick maker variables) terms) new))
               ((maybe? maker 8) (loop rest (cons (constant maker kind) terms) new))
               (else
                (let ((variable (new-variable maker kind)))
                  (loop rest (cons variable terms) (cons variable new))))))))))

(define (any-call maker known)
  (define made
    (match (if (and (pair? (maker-calls maker)) (maybe? maker 35))
               (like maker (pick maker (maker-calls maker)) known)
               (pick maker (if (maybe? maker 20) users-arguments relations)))
      (('like . made) made)
      ((name . kinds) (call maker name kinds known))))
  (set-maker-calls! maker (cons (cdr made) (maker-calls maker)))
  made)

(define (like maker other known)
  "A call of the relation that OTHER is one of, about much the same: what tells whether rows are the same."
  (match other
    ((name . terms)
     (let ((kinds (or (assq-ref relations name) (assq-ref users-arguments name)))
           (new '()))
       (define (changed kind term)
         (cond ((and (maybe? maker 55) (or (not (symbol? term)) (memq term known))) term)
               ((maybe? maker 20) (constant maker kind))
               (else
                (let ((variable (new-variable maker kind)))
                  (set! new (cons variable new))
                  variable))))
       (let ((terms (map changed kinds terms)))
         (cons* 'like new name terms))))))

(define (term maker known . kinds)
  "A variable of KINDS among KNOWN, or a constant of the first of these."
  (let ((variables (filter (lambda (variable) (memq (kind-of variable) kinds)) known)))
    (if (and (pair? variables) (maybe? maker 75))
        (pick maker variables)
        (constant maker (car kinds)))))

(define (late-goal maker known)
  "A goal that is about KNOWN."
  (define (number) (if (maybe? maker 15) (pick maker '(2.5 'now 'now 1e3 1/10 1/3 31/10 9007199254740993/2 100000000000000000001)) (term maker known 'n 'e 'v 'l)))
  (define (addend) (term maker known 'n 'v))
  (define (text) (term maker known 't 'v))
  (define (time) (term maker known 'n))
  (define (end) (term maker known 'e 'n))
  (define (known-or-new kind)
    (let ((variables (filter (lambda (v) (not (eq? 'e (kind-of v)))) (fitting kind known maker))))
      (cond
       ((and (pair? variables) (maybe? maker 25))
        (let ((variable (pick maker variables)))
          (set-maker-told! maker (cons variable (maker-told maker)))
          (cons '() variable)))
       ((maybe? maker 8) (cons '() (pick maker '(1 2. 'now))))
       (else
        (cons-told (new-variable maker kind) identity)))))
  (define (cons-told variable proc)
    (set-maker-told! maker (cons variable (maker-told maker)))
    (cons (list variable) (proc variable)))
  (define (computing name . inputs)
    (match (known-or-new 'n)
      ((new . result) (cons new (cons name (append inputs (list result)))))))
  (define (lasting name . inputs)
    ;; What would be computed of a length may be an end, of which now and its number are two values.
    (if (any (lambda (input) (and (symbol? input) (eq? 'e (kind-of input)))) inputs)
        (let ((result (new-variable maker 'l)))
          (cons (list result) (cons name (append inputs (list result)))))
        (apply computing name inputs)))
  (define (alone . goal) (cons '() goal))
  (match ((maker-random maker) 13)
    (12 (alone 'nearo (time) (time)))
    ((or 0 1 2 3)
     (let ((name (pick maker '(<o <=o >o >=o))) (any-typed (fitting 'v known maker)))
       (cond ((and (pair? any-typed) (maybe? maker 40))
              (let ((v (pick maker any-typed)) (other (if (maybe? maker 50) (number) (text))))
                (if (maybe? maker 50) (alone name v other) (alone name other v))))
             ((maybe? maker 65) (alone name (number) (number)))
             (else (alone name (text) (text))))))
    (4 (alone 'betweeno (number) (number) (number)))
    (5 (alone 'overlapso (time) (end) (time) (end)))
    (6 (match ((maker-random maker) 3)
         (0 (alone 'matcheso (text) (pick maker '("a*" "?"))))
         (1 (alone 'containso (text) (pick maker '("a" "" "1."))))
         (2 (alone 'version<o (term maker known 't) (term maker known 't)))))
    (7 (lasting 'durationo (time) (end)))
    (8 (lasting 'withino (time) (end) (time) (end)))
    (9 (cond ((maybe? maker 30)
              (match (known-or-new 'n)
                ((new . result) (cons new (list 'pluso (addend) result (addend))))))
             ((maybe? maker 50) (computing 'pluso (addend) (addend)))
             (else
              (match (if (maybe? maker 60) (cons-told (new-variable maker 'n) identity) (known-or-new 'n))
                ((new . result)
                 (cons new
                       (if (maybe? maker 50)
                           (list 'timeso (number) (number) result)
                           (list 'timeso (if (maybe? maker 50) (pick maker '(2 0.5 -1 3 0)) (addend))
                                 result (addend)))))))))
    (10 (let ((kind (pick maker '(t n s v e))))
          (if (maybe? maker 70)
              (alone '=/= (term maker known kind) (term maker known kind))
              (alone '=/= (list 'list (term maker known kind) (text)) (list 'list (term maker known kind) (text))))))
    (11 (let ((variables (filter (lambda (v) (memq (kind-of v) '(v t n))) known)))
          (if (null? variables)
              (alone '=/= 1 2)
              (alone (pick maker '(numbero stringo)) (pick maker variables)))))))

(define (equality maker known)
  (let* ((kind (pick maker '(t t n s v e u o)))
         (variables (fitting kind known maker)))
    (cond ((null? variables)
           (let ((variable (new-variable maker kind)))
             (cons (list variable) (list '== variable (constant maker kind)))))
          ((maybe? maker 30)
           (let ((variable (new-variable maker kind)))
             (cons (list variable) (list '== variable (pick maker variables)))))
          (else
           (cons '() (list '== (pick maker variables)
                           (if (maybe? maker 60) (pick maker variables) (constant maker kind))))))))

(define (goals maker known depth size)
  "A pair of new variables and of a list of SIZE goals or so about KNOWN and these."
  (let loop ((size size) (new '()) (made '()))
    (if (<= size 0)
        (cons new (reverse made))
        (match (any-goal maker (append new known) depth)
          ((more . goal)
           (loop (- size 1) (append more new)
                 ;; A late one waits for what is behind it.
                 (cond ((and (pair? made) (maybe? maker 20) (memq (car goal) late))
                        (cons* (car made) goal (cdr made)))
                       ((and (eq? '=/= (car goal)) (maybe? maker 40))
                        (let ((place ((maker-random maker) (+ 1 (length made)))))
                          (append (take made place) (list goal) (drop made place))))
                       (else (cons goal made)))))))))

(define late '(<o <=o >o >=o betweeno overlapso timeso noto someo))

(define (inner maker known depth)
  "The same, in another goal."
  (goals maker known (- depth 1) (+ 1 ((maker-random maker) 3))))

(define (any-goal maker known depth)
  (define (first-call) (any-call maker known))
  (match (if (null? known) 0 ((maker-random maker) (if (> depth 0) 100 65)))
    ((? (lambda (n) (< n 35))) (first-call))
    ((? (lambda (n) (< n 37))) (looking maker known))
    ((? (lambda (n) (< n 58))) (late-goal maker known))
    ((? (lambda (n) (< n 65))) (equality maker known))
    ((? (lambda (n) (< n 73)))
     (match (inner maker known depth)
       ((new . goals)
        ;; Some of its variables are of the conjunction around it.
        (let-values* maker new (lambda (shown hidden) (cons shown `(fresh ,hidden ,@goals)))))))
    ((? (lambda (n) (< n 82))) (choice maker known depth))
    ((? (lambda (n) (< n 91)))
     (match (inner maker known depth)
       ((new . goals) (cons '() `(,(pick maker '(noto noto someo)) (fresh ,new ,@goals))))))
    (_ (aggregate maker known depth))))

;; What stands in front of it in its conjunction, and around that, has told a variable of a call.
(define (looking maker known)
  (define told (lset-intersection eq? known (called maker)))
  (define (in-choices goal depth)
    (if (zero? depth)
        goal
        `(conde (,(in-choices goal (- depth 1))))))
  (if (null? told)
      (any-call maker known)
      (cons '() (in-choices `(seeno ,(pick maker told)) ((maker-random maker) 6)))))

(define (called maker)
  "The terms of the calls so far."
  (append-map cdr (maker-calls maker)))

(define (let-values* maker variables receive)
  (call-with-values (lambda () (partition (lambda (_) (maybe? maker 50)) variables)) receive))

(define (choice maker known depth)
  (define target (and (maybe? maker 50) (pick maker '(t n v s))))
  (define variable (and target (new-variable maker target)))
  (define (clause)
    (match (if (and variable (maybe? maker 30)) '(()) (inner maker known depth))
      ((new . goals)
       (define said
         (if variable
             (let ((candidates (filter (lambda (v) (eq? target (kind-of v))) (append new known))))
               `((== ,variable ,(if (and (pair? candidates) (maybe? maker 70))
                                    (pick maker candidates)
                                    (constant maker target)))))
             '()))
       (if (null? new)
           (append goals said)
           `((fresh ,new ,@goals ,@said))))))
  (cons (if variable (list variable) '())
        `(conde ,@(map (lambda (_) (clause)) (iota (+ 1 ((maker-random maker) 3)))))))

(define (half-different maker keys new group)
  "GROUP, with KEYS, as the pair of NEW and a goal; perhaps beside a disequality of a key and of what can be
told only when GROUP has told that."
  (define texts (filter (lambda (key) (eq? 't (kind-of key))) keys))
  (if (and (pair? texts) (maybe? maker 40))
      (let ((key (pick maker texts)) (count (new-variable maker 'n))
            (other (new-variable maker 't)) (value (new-variable maker 'v)))
        (cons (cons count new)
              `(fresh ()
                 (=/= (list ,key ,count) (list ,(constant maker 't) ,(pick maker '(0 1 2))))
                 ;; Searched for, where a goal in it looks at values.
                 (,@group ,@(if (and (memq key (called maker)) (maybe? maker 60)) `((seeno ,key)) '()))
                 (counto ,count (,other ,value) (facto ,key ,other ,value)))))
      (cons new group)))

(define (aggregate maker known depth)
  (match (inner maker known depth)
    ((new . goals)
     (define numbers (filter (lambda (v) (memq (kind-of v) '(n e v l))) new))
     (define (result-of kind input)
       (new-variable maker (if (and (eq? 'v (kind-of input)) (memq kind '(mino maxo))) 'v 'n)))
     (define (kind) (pick maker '(sumo mino maxo avgo mediano)))
     (cond
      ((and (pair? new) (maybe? maker 40))
       (let-values* maker new
         (lambda (keys locals)
           (define inputs (filter (lambda (v) (memq (kind-of v) '(n e v l))) locals))
           (define folds
             (map (lambda (_)
                    (if (or (null? inputs) (maybe? maker 50))
                        `(counto ,(new-variable maker 'n))
                        (let ((kind (kind)) (input (pick maker inputs)))
                          `(,kind ,(result-of kind input) ,input))))
                  (iota ((maker-random maker) 3))))
           (half-different maker keys
                           (append keys (map cadr folds))
                           `(groupo ,keys ,folds ,locals ,@goals)))))
      ((or (null? numbers) (maybe? maker 40))
       (let ((result (new-variable maker 'n)))
         (cons (list result) `(counto ,result ,new ,@goals))))
      (else
       (let* ((kind (kind)) (input (pick maker numbers)) (result (result-of kind input)))
         (cons (list (if (memq kind '(mino maxo)) result result))
               `(,kind ,result (,input ,@(delq input new)) ,@goals))))))))

;;; Questions.

(define (random-question random)
  "A question that follows from RANDOM, N -> a number below it."
  (define maker (make-maker random 0 '() '()))
  (match (goals maker '() 2 (+ 2 (random 4)))
    ((new . goals)
     (call-with-values (lambda () (partition (lambda (_) (chance? 60 random)) new))
       (lambda (shown hidden)
         `(run* ,shown (fresh ,hidden ,@goals)))))))

(define (shuffled list random)
  (map cdr (sort (map (lambda (x) (cons (random 1000000) x)) list)
                 (lambda (a b) (< (car a) (car b))))))

(define (shuffled-question question random)
  "QUESTION with the goals of each conjunction, and the clauses of each choice, in another order."
  (let shuffle ((goal question))
    (define (all goals) (shuffled (map shuffle goals) random))
    (match goal
      (((and head (or 'run* 'fresh)) names . goals) `(,head ,names ,@(all goals)))
      (((and head (or 'noto 'someo)) . goals) `(,head ,@(all goals)))
      (('conde . clauses) `(conde ,@(shuffled (map all clauses) random)))
      (('groupo keys folds names . goals) `(groupo ,keys ,folds ,names ,@(all goals)))
      (((and head (or 'counto 'sumo 'mino 'maxo 'avgo 'mediano)) result names . goals)
       `(,head ,result ,names ,@(all goals)))
      (_ goal))))

(define (smaller-questions question)
  "Questions that are QUESTION without one goal, or with one of the goals inside another one in its place."
  (define (each list proc)
    ;; LIST with each of its elements in turn replaced by each of the lists that PROC makes of it.
    (append-map (lambda (n)
                  (map (lambda (instead) (append (take list n) instead (drop list (+ n 1))))
                       (proc (list-ref list n))))
                (iota (length list))))
  (define (without goals)
    (each goals (lambda (goal) (cons '() (append (opened goal) (map list (inside goal)))))))
  (define (opened goal)
    (match goal
      (('fresh () . goals) (list goals))
      (('conde . clauses) clauses)
      (_ '())))
  (define (conjunction head goals)
    (map (lambda (goals) (append head goals)) (filter pair? (without goals))))
  (define (inside goal)
    (match goal
      (('fresh names . goals) (conjunction (list 'fresh names) goals))
      (((and head (or 'noto 'someo)) . goals) (conjunction (list head) goals))
      (('conde . clauses)
       (map (lambda (clauses) (cons 'conde clauses))
            (filter pair? (each clauses (lambda (clause)
                                          (cons '() (map list (filter pair? (without clause)))))))))
      (('groupo keys folds names . goals) (conjunction (list 'groupo keys folds names) goals))
      (((and head (or 'counto 'sumo 'mino 'maxo 'avgo 'mediano)) result names . goals)
       (conjunction (list head result names) goals))
      (_ '())))
  (match question
    (('run* shown ('fresh hidden . goals))
     (append (map (lambda (goal) `(run* ,shown ,goal)) (inside `(fresh ,hidden ,@goals)))
             (map (lambda (variable)
                    `(run* ,(delq variable shown) (fresh (,variable ,@hidden) ,@goals)))
                  shown)))))
