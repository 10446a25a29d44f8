;;; quantity.scm -- which variables of a question are times, lengths of time and sizes, as its text tells.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; To the store all are numbers.  The text tells them apart: by the columns in which a variable stands, by
;;; what it is compared with or computed from, and by what the relations that are defined in it do with theirs.
(define-module (sheepdog query asking quantity)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query asking visit)
  #:use-module (sheepdog query form)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query type)
  #:use-module (srfi srfi-1)
  #:export (quantities question-quantities))

(define (question-quantities forms run)
  "What the variables of RUN, a form in FORMS, are, as far as that is known: pairs of a name and time,
length or size."
  (let* ((visited (visit forms))
         (quantity-of (quantities visited)))
    (match (find (match-lambda ((form . _) (eq? form run))) visited)
      ((_ _ scope _)
       (filter-map (lambda (name)
                     (let ((quantity (quantity-of scope name)))
                       (and quantity (cons name quantity))))
                   (names-bound run)))
      (#f '()))))

(define (quantities visited)
  "A procedure that tells what a name is in a scope of what was VISITED, see visit.scm: time, length, size, or #f
where that is not known."
  (define parameters (own-parameters visited))
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
  (define (learn! form scope path)
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
       (match (map quantity (list a b sum))
         ((? (lambda (quantities) (memq 'size quantities)))
          (note-all! (list a b sum) '(size size size)))
         ((or ('length 'length _) (_ _ 'length)) (note-all! (list a b sum) '(length length length)))
         ((or ('time 'length _) ('length 'time _)) (note! scope sum 'time))
         ((or ('time #f 'time) (#f 'time 'time)) (note-all! (list a b) '(length length)))
         ((or ('length #f 'time) (#f 'length 'time)) (note-all! (list a b) '(time time)))
         ((or ('time _ _) (_ 'time _)) (and (or (number? a) (number? b)) (note! scope sum 'time)))
         (_ #f)))
      (((and aggregate (or 'mino 'maxo 'avgo 'mediano 'sumo)) result (or (? symbol? x) ((? symbol? x) . _)) . _)
       (let ((of (quantity x)))
         (and (not (and (eq? aggregate 'sumo) (eq? of 'time)))
              (note! scope result of))))
      (_ #f)))
  (define (guess! form scope path)
    "The same of a comparison, which may be wrong: about what nothing else tells of."
    (define quantity (quantity-in scope))
    (match form
      (((or '<o '<=o '>o '>=o) a b)
       (or (note! scope a (quantity b)) (note! scope b (quantity a))))
      (('betweeno terms ...)
       (let ((known (any quantity terms)))
         (fold (lambda (term news?) (or (note! scope term known) news?)) #f terms)))
      (_ #f)))
  (learn-all visited learn! guess!)
  quantity-of)

(define (written-quantity x)
  (match x
    ((or ('ago _) ('at . _) ('today) ('quote 'now)) 'time)
    (((or 'milliseconds 'seconds 'minutes 'hours 'days 'weeks) _) 'length)
    (((or 'kibibytes 'mebibytes 'gibibytes 'tebibytes) _) 'size)
    (_ #f)))
