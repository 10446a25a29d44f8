;;; quantity.scm -- which variables of a question are times, lengths of time and sizes, as its text tells.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; To the store all are numbers.  The text tells them apart: by the columns in which a variable stands, by
;;; what it is compared with or computed from, and by what the relations that are defined in it do with theirs.
(define-module (sheepdog query asking quantity)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query asking shape)
  #:use-module (sheepdog query form)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query type)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (look-through question-quantities))

(define (question-quantities forms run)
  "What the variables of RUN, a form in FORMS, are, as far as that is known: pairs of a name and time,
length or size."
  (let-values (((visited quantity-of) (look-through forms)))
    (match (find (match-lambda ((form . _) (eq? form run))) visited)
      ((_ _ scope _)
       (filter-map (lambda (name)
                     (let ((quantity (quantity-of scope name)))
                       (and quantity (cons name quantity))))
                   (bound-by run)))
      (#f '()))))

(define (look-through forms)
  "Look at each form in FORMS, as `read' returned them, but for quoted ones.  Return two values: lists of
a form, its place or #f, its scope, a list of pairs of which each is one variable, and its path, in the order
of the text; and a procedure that tells what a name is in a scope: time, length, size, or #f where that is not
known.
A path is a list of what the form stands in and need not hold, as a clause of a choice, innermost first."
  (define visited (visit forms))
  (define parameters
    (filter-map (match-lambda
                  ((((or 'define-relation 'defrel) ((? symbol? name) (? symbol? names) ...) . _) _ scope _)
                   (cons name (map (lambda (name) (assq name scope)) names)))
                  (_ #f))
                visited))
  (define known (make-hash-table))      ; variable -> time, length or size
  (define (quantity-of scope name)
    (hashq-ref known (assq name scope)))
  (define (note! scope argument quantity)
    "True where that is news of ARGUMENT."
    (let ((variable (and quantity (symbol? argument) (assq argument scope))))
      (and variable
           (not (hashq-ref known variable))
           (hashq-set! known variable quantity))))
  (define (call-quantities name)
    "What the arguments of the relation NAME are; #f where there is no such relation."
    (cond ((assq-ref parameters name)
           => (lambda (variables) (map (lambda (variable) (hashq-ref known variable)) variables)))
          ((store-relation name)
           => (lambda (relation)
                (map (lambda (column)
                       (let ((quantity (type-quantity (column-type column))))
                         (and (not (eq? 'number quantity)) quantity)))
                     (relation-columns relation))))
          (else #f)))
  (define (quantity-in scope)
    (lambda (x) (if (symbol? x) (quantity-of scope x) (written-quantity x))))
  (define (learn! form scope)
    "True where FORM tells something new."
    (define quantity (quantity-in scope))
    (define (note-all! arguments quantities)
      (fold (lambda (argument quantity news?) (or (note! scope argument quantity) news?))
            #f arguments quantities))
    (match form
      (((? symbol? (= call-quantities (? list? quantities))) arguments ...)
       (and (= (length quantities) (length arguments))
            (note-all! arguments quantities)))
      (('== a b)
       (note-all! (list a b) (list (quantity b) (quantity a))))
      (('durationo since until seconds)
       (note-all! (cdr form) '(time time length)))
      (('withino since until from to seconds)
       (note-all! (cdr form) '(time time time time length)))
      (('pluso a b sum)
       (match (list (quantity a) (quantity b))
         ((or ('size _) (_ 'size)) (note! scope sum 'size))
         ((or ('time 'length) ('length 'time)) (note! scope sum 'time))
         ((or ('time _) (_ 'time)) (and (or (number? a) (number? b)) (note! scope sum 'time)))
         (_ #f)))
      (((and aggregate (or 'mino 'maxo 'avgo 'mediano 'sumo)) result (or (? symbol? x) ((? symbol? x) . _)) . _)
       (let ((of (quantity x)))
         (and (not (and (eq? aggregate 'sumo) (eq? of 'time)))
              (note! scope result of))))
      (_ #f)))
  (define (guess! form scope)
    "The same of a comparison, which may be wrong: about what nothing else tells of."
    (define quantity (quantity-in scope))
    (match form
      (((or '<o '<=o '>o '>=o) a b)
       (or (note! scope a (quantity b)) (note! scope b (quantity a))))
      (('betweeno x low high)
       (note! scope x (or (quantity low) (quantity high))))
      (_ #f)))
  (define (news? tell!)
    (fold (lambda (one news?)
            (match one ((form _ scope _) (or (tell! form scope) news?))))
          #f visited))
  (let again ()
    (when (or (news? learn!) (news? guess!))
      (again)))
  (values visited quantity-of))

(define (visit forms)
  (define visited '())
  (let walk ((form forms) (scope '()) (place #f) (path '()))
    (match form
      (((or 'quote 'quasiquote) . _) #t)
      ((? pair?)
       (let ((scope (append (map list (bound-by form)) scope))
             (place (or (place-of form) place))
             (path (if (may-not-hold? form) (cons form path) path)))
         (set! visited (cons (list form place scope path) visited))
         (let walk-all ((rest form))
           (when (pair? rest)
             (walk (car rest) scope place (if (choice? form) (cons (car rest) path) path))
             (walk-all (cdr rest))))))
      (_ #t)))
  (reverse visited))

(define (choice? form)
  (and (memq (car form) '(conde conda condu matche)) #t))

(define (may-not-hold? form)
  "True where what is said in FORM need not hold around it."
  (and (memq (car form) '(noto someo counto sumo mino maxo avgo mediano groupo run run*
                          lambda define if cond case when unless or))
       #t))

(define (bound-by form)
  (match form
    ;; It looks at those that there are.
    (('project . _) '())
    (_ (names-bound form))))

(define (written-quantity x)
  (match x
    ((or ('ago _) ('at . _) ('today) ('quote 'now)) 'time)
    (((or 'milliseconds 'seconds 'minutes 'hours 'days 'weeks) _) 'length)
    (((or 'kibibytes 'mebibytes 'gibibytes 'tebibytes) _) 'size)
    (_ #f)))
