;;; question-traits.scm -- what the text of a random question says of the ways to answer it
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog question-traits)
  #:use-module (ice-9 match)
  #:use-module ((sheepdog random-question) #:select (kind-of))
  #:use-module (srfi srfi-1)
  #:export (question-variable? variables outer-variables looks-at-values? mixes-types? may-divide-by-0?))

(define (question-variable? x)
  (and (symbol? x) (let ((name (symbol->string x))) (char-numeric? (string-ref name (- (string-length name) 1))))))

(define (variables x)
  (cond ((pair? x) (append (variables (car x)) (variables (cdr x))))
        ((question-variable? x) (list x))
        (else '())))

(define (bound-variables x)
  (match x
    (((or 'groupo) _ _ names . goals) (append names (bound-variables goals)))
    (((or 'counto 'sumo 'mino 'maxo 'avgo 'mediano) _ names . goals) (append names (bound-variables goals)))
    (('fresh names . goals) (append names (bound-variables goals)))
    ((a . b) (append (bound-variables a) (bound-variables b)))
    (_ '())))

(define (outer-variables goals)
  "The variables in GOALS that are not their own."
  (lset-difference eq? (variables goals) (bound-variables goals)))

(define (looks-at-values? question)
  "True where the order of QUESTION's goals matters."
  (and (pair? question)
       (or (eq? 'seeno (car question)) (any looks-at-values? (filter pair? question)))))

(define (may-divide-by-0? question)
  "True where QUESTION may ask what times 0 is 0."
  (match question
    (('timeso a b _) (not (any (lambda (factor) (and (number? factor) (not (zero? factor)))) (list a b))))
    ((? pair?) (any may-divide-by-0? (filter pair? question)))
    (_ #f)))

;; Goals about numbers or texts, and aggregates of them.
(define typed
  '(<o <=o >o >=o betweeno overlapso matcheso containso version<o pluso timeso durationo withino nearo lateo
    sumo mino maxo avgo mediano))

(define (keys-within goals)
  "The keys of all groups in GOALS."
  (match goals
    (('groupo keys _ _ . goals) (append keys (keys-within goals)))
    ((a . b) (append (keys-within a) (keys-within b)))
    (_ '())))

(define (mixes-types? question)
  "True where QUESTION may say that a goal in it is about a value of a wrong type: about a number and a text,
or about what may be both and is no value of a fact."
  (define facts
    (let find ((x question))
      (match x
        (((or 'facto 'fact-duringo 'holdso) . terms) terms)
        ((a . b) (append (find a) (find b)))
        (_ '()))))
  (define (kind term)
    (match term
      ((? symbol?) (match (kind-of term) ((or 'n 'e 'l) 'number) ((or 't 'u) 'text)
                     ('v (if (memq term facts) 'any 'mistake)) (_ 'any)))
      ((? real?) 'number)
      ((? string?) 'text)
      (''now 'number)
      (_ 'any)))
  (let mixes? ((x question))
    (match x
      (('== a b) (let ((kinds (list (kind a) (kind b))))
                   (or (and (memq 'number kinds) (memq 'text kinds))
                       ;; An end may be now, which no value of a fact is.
                       (any (lambda (fact end) (and (memq fact facts) (symbol? end) (eq? 'e (kind-of end))))
                            (list a b) (list b a)))))
      (((and name (or 'sumo 'mino 'maxo 'avgo 'mediano)) result ((? symbol? input) . _) . goals)
       (or (eq? 'mistake (kind input)) (any mixes? goals)))
      ;; That a fact's value may be of any type is not known of a key of groups within.
      (('groupo keys folds names . goals)
       (or (any (match-lambda
                  ((_ _ input) (or (eq? 'mistake (kind input)) (memq input (keys-within goals))))
                  (_ #f))
                folds)
           (any mixes? goals)))
      (((? symbol? name) . terms)
       (or (and (memq name typed)
                (let ((kinds (map kind (filter (lambda (term) (not (and (pair? term) (not (eq? 'quote (car term))))))
                                               terms))))
                  (or (memq 'mistake kinds) (and (memq 'number kinds) (memq 'text kinds))
                      (and (memq name '(matcheso containso version<o)) (memq 'number kinds))
                      (and (not (memq name '(<o <=o >o >=o betweeno matcheso containso version<o)))
                           (memq 'text kinds)))))
           (any mixes? (filter pair? terms))))
      ((? pair?) (any mixes? (filter pair? x)))
      (_ #f))))
