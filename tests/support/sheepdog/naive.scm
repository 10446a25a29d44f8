;;; naive.scm -- questions answered by nested loops over rows in memory, to compare planners with
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Goals are lists.  A variable is a symbol that ends in a digit, bound once in a question: so a nested
;;; fresh, or the body of a relation, is part of the conjunction around it, and a conde is the answers of
;;; the conjunction with each clause in turn.  Calls find rows; all else waits until it is known what it
;;; is about.  The rules:
;;; - Answers are counted: as many as there are ways to choose rows and clauses.
;;; - Values are equal as equal? has it.  In rows whole numbers are exact, others inexact, and NULL is now
;;;   or #f, which equal themselves.  A number written in a call is meant in that form; one that stands
;;;   elsewhere is as it is written.
;;; - Comparisons and computations take now for the present time.  #f is in no order and has no result;
;;;   nor has a text beside a number.  Results of computations are compared with =.
;;; - Aggregates leave out #f and take now for the present time.  Of nothing, counto and sumo make 0, the
;;;   others no answer; groupo then has none for the group.  Texts are not added, nor compared with
;;;   numbers: ill-mixed is thrown.
(define-module (sheepdog naive)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:export (naive-answers variables bound-variables version-order patterns))

(define version-order '("" "1.2" "1.9" "1.10" "a" "ab" "b"))   ; texts from the oldest version on
(define patterns `(("a*" . ,(lambda (text) (string-prefix? "a" text)))
                   ("?" . ,(lambda (text) (= 1 (string-length text))))))

(define (variables x)
  (cond ((pair? x) (append (variables (car x)) (variables (cdr x))))
        ((and (symbol? x) (char-numeric? (string-ref (symbol->string x) (- (string-length (symbol->string x)) 1)))) (list x))
        (else '())))
(define (bound-variables x)
  (match x
    (('groupo _ _ names . goals) (append names (bound-variables goals)))
    (((or 'counto 'sumo 'mino 'maxo 'avgo 'mediano) _ names . goals) (append names (bound-variables goals)))
    (('fresh names . goals) (append names (bound-variables goals)))
    ((a . b) (append (bound-variables a) (bound-variables b)))
    (_ '())))
(define (outer-variables goal) (lset-difference eq? (variables goal) (bound-variables goal)))

(define unknown (list 'unknown))
(define (value term env)
  (match term (('quote v) v) ((? symbol? x) (assq-ref* env x)) (constant constant)))
(define (assq-ref* env x) (match (assq x env) ((_ . v) v) (#f unknown)))
(define (tidy x)
  (let ((y (if (integer? x) (inexact->exact x) (exact->inexact x)))) (if (integer? y) (inexact->exact y) y)))
(define (set term v env)                ; the environment where TERM is V, #f: it is not
  (let ((known (value term env)))
    (cond ((eq? known unknown) (acons term v env))
          ((or (equal? known v) (and (real? known) (real? v) (not (symbol? term)) (= known v))) env)
          (else #f))))
(define (set-result term v env)         ; the same for what was computed
  (let ((known (value term env)))
    (if (and (real? known) (real? v)) (and (= known v) env) (set term (if (real? v) (tidy v) v) env))))

(define (fold-values kind xs)           ; -> the result in a list, or none
  (unless (or (every real? xs) (and (every string? xs) (memq kind '(mino maxo)))) (throw 'ill-mixed))
  (define sorted (and (not (memq kind '(counto sumo))) (if (and (pair? xs) (string? (car xs))) (sort xs string<?) (sort xs <))))
  (define n (length xs))
  (match kind
    ('sumo (list (apply + xs)))
    ((? (const (null? xs))) '())
    ('mino (list (first sorted)))
    ('maxo (list (last sorted)))
    ('avgo (list (/ (apply + xs) n)))
    ('mediano (list (/ (+ (list-ref sorted (quotient (- n 1) 2)) (list-ref sorted (quotient n 2))) 2)))))

(define (naive-answers shown goals rows relations present step)
  "The answers to GOALS, each the list of the values of the variables SHOWN.  ROWS, symbol -> list or #f,
are those of a relation of the store; RELATIONS are the user's, an alist: name -> (ARGUMENTS GOAL ...).
PRESENT is the time; STEP is called at each step, and may give up."
  (define (as-number v) (if (eq? v 'now) present v))
  (define (ordered a b number-test text-test)
    (let ((a (as-number a)) (b (as-number b)))
      (cond ((and (real? a) (real? b)) (number-test a b)) ((and (string? a) (string? b)) (text-test a b)) (else #f))))
  (define (holds? test vs)
    (match (cons test vs)
      (('=/= a b) (not (equal? a b))) (('numbero a) (number? a)) (('stringo a) (string? a)) (('symbolo a) (symbol? a))
      (('<o a b) (ordered a b < string<?)) (('<=o a b) (ordered a b <= string<=?))
      (('>o a b) (ordered a b > string>?)) (('>=o a b) (ordered a b >= string>=?))
      (('betweeno a low high) (and (ordered a low >= string>=?) (ordered a high <= string<=?)))
      (('overlapso _ ...) (match (map as-number vs) (((? real? s) (? real? u) (? real? f) (? real? t)) (and (< s t) (< f u))) (_ #f)))
      (('containso a part) (and (string? a) (string-contains a part)))
      (('matcheso a pattern) (and (string? a) ((assoc-ref patterns pattern) a)))
      (('version<o a b) (and (string? a) (string? b) (< (age a) (age b))))))
  (define (age text) (or (list-index (lambda (other) (equal? text other)) version-order) (throw 'never-known text)))
  (define (solve goals env)             ; -> environments: the first goal that need not wait is done
    (step)
    (if (null? goals)
        (list env)
        (or (any (lambda (goal)
                   (and=> (ways goal env) (lambda (ways) (append-map (match-lambda ((env . more) (solve (append more (delq goal goals)) env))) ways))))
                 (append (remove finds? goals) (filter finds? goals)))
            (throw 'never-known goals))))
  (define (finds? goal) (or (eq? 'conde (car goal)) (rows (car goal))))
  (define (once env) (if env (list (list env)) '()))
  (define (ways goal env)               ; -> pairs of environments and goals that are left; #f: it waits
    (define (known? . terms) (not (any (lambda (term) (eq? unknown (value term env))) terms)))
    (define (inputs) (map (lambda (term) (as-number (value term env))) (cdr goal)))
    (define (folded kind result xs env)
      (set-in env result (if (eq? kind 'counto) (list (length xs)) (fold-values kind (filter identity (map as-number xs))))))
    (define (set-in env result xs) (and env (pair? xs) (set-result result (car xs) env)))
    (define (computed result proc . xs) (once (and (every real? xs) (and=> (apply proc xs) (lambda (x) (set-result result x env))))))
    (define (three a b c forward back)
      (match (inputs)
        ((x y z) (cond ((known? a b) (computed c forward x y)) ((known? a c) (computed b back z x)) ((known? b c) (computed a back z y)) (else #f)))))
    (match goal
      (('fresh _ . inner) (list (cons env inner)))
      (('conde . clauses) (map (lambda (clause) (cons env clause)) clauses))
      (('== a b) (cond ((known? a) (once (if (known? b) (and (equal? (value a env) (value b env)) env) (set b (value a env) env))))
                       ((known? b) (once (set a (value b env) env)))
                       (else #f)))
      (('pluso a b c) (three a b c + -))
      (('timeso a b c) (three a b c * (lambda (p f) (and (not (zero? f)) (/ p f)))))
      (('durationo s u d) (and (known? s u) (apply computed d (lambda (s u) (- u s)) (take (inputs) 2))))
      (('withino s u f t d) (and (known? s u f t) (apply computed d (lambda (s u f t) (max 0 (- (min u t) (max s f)))) (take (inputs) 4))))
      (('groupo keys folds _ . inner)
       (and (apply known? (lset-difference eq? (outer-variables (cons* 'groupo keys '() (cdddr goal))) (variables keys)))
            (let* ((answers (solve inner env)) (keys-of (lambda (env) (map (lambda (key) (value key env)) keys))))
              (append-map (lambda (group)
                            (define members (filter (lambda (answer) (equal? group (keys-of answer))) answers))
                            (once (fold (match-lambda* (((kind result . input) env) (folded kind result (map (lambda (env) (or (null? input) (value (car input) env))) members) env)))
                                        (fold (lambda (key v env) (and env (set-result key v env))) env keys group) folds)))
                          (delete-duplicates (map keys-of answers))))))
      (((and kind (or 'counto 'sumo 'mino 'maxo 'avgo 'mediano)) result names . inner)
       (and (apply known? (outer-variables (cons* kind '() (cddr goal))))
            (once (folded kind result (map (lambda (env) (or (eq? kind 'counto) (value (car names) env))) (solve inner env)) env))))
      (((and (or 'noto 'someo) kind) . inner)
       (and (apply known? (outer-variables goal)) (once (and (eq? (eq? kind 'noto) (null? (solve inner env))) env))))
      (((= (lambda (name) (assq-ref relations name)) (arguments . body)) . terms)
       (list (cons env (renamed body (map cons arguments terms)))))
      (((= rows (? identity rows)) . terms)
       (filter-map (lambda (row) (and=> (fold (lambda (term v env) (and env (set term v env))) env terms row) list)) rows))
      ((test . terms) (and (apply known? terms) (once (and (holds? test (map (lambda (term) (value term env)) terms)) env))))))
  (define count 0)
  (define (renamed body known)          ; with new names for all but KNOWN
    (set! count (+ count 1))
    (let ((suffix (string->symbol (format #f "-~a" count))))
      (let rename ((x body))
        (cond ((pair? x) (cons (rename (car x)) (rename (cdr x))))
              ((assq x known) => cdr)
              ((pair? (variables x)) (symbol-append x suffix))
              (else x)))))
  (map (lambda (env)
         (map (lambda (x) (let ((v (value x env))) (if (eq? v unknown) (throw 'never-known x) v))) shown))
       (solve goals '())))
