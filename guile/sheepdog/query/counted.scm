;;; counted.scm -- which answers an aggregate, or someo, of an answer was about.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; What counts and sums has no row of its own in an answer's reasons.  So its goals are asked once more where all
;;; that they use from around is known, for the first few of their answers, each with its reasons.
(define-module (sheepdog query counted)
  #:use-module (ice-9 match)
  #:use-module ((sheepdog kanren goal) #:select (with-fresh))
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog kanren planning)
  #:use-module (sheepdog kanren stream)
  #:use-module (sheepdog query aggregate)
  #:use-module (sheepdog query negation)
  #:use-module (sheepdog query number)
  #:use-module (sheepdog query plan)
  #:use-module ((sheepdog query time) #:select (present))
  #:use-module (srfi srfi-9 gnu)
  #:export (counted counted? counted-goal counted-trails counted-more counted-all?))

(define-immutable-record-type <counted>
  (make-counted goal trails more all?)
  counted?
  (goal counted-goal)      ; the aggregate's
  (trails counted-trails)  ; list of trails, see current-trail
  (more counted-more)      ; how many answers there are besides
  (all? counted-all?))     ; #f: there may be still more

(define most-shown 10)
(define most-counted 1000)

(define (counted goal state)
  "The <counted> of GOAL in STATE, where it holds; #f where it is of no aggregate that there are answers to."
  (match (goal-description goal)
    (((? group? group) . _)
     (look goal state (group-instantiate group)
           (lambda (inputs answer)
             (match (group-aggregates group)
               ;; Of the least and the greatest only that one matters.
               (((or ('mino result) ('maxo result)))
                (equal? (as-number (walk* (car inputs) answer)) (walk* result answer)))
               (_ #t)))
           most-counted))
    (((? existence? existence) . _)
     (and (not (existence-negated? existence))
          (look goal state (lambda (_) (values '() (existence-goal existence))) (const #t) 1)))
    (_ #f)))

;; As aggregates take a value.
(define (as-number value)
  (cond ((eq? value 'now) (canonical-number (present)))
        ((finite-real? value) (canonical-number value))
        (else value)))

(define (look goal state instantiate matters? most)
  (define start (state-branch state))
  (with-fresh start (trail)
    (call-with-values (lambda () (instantiate start))
      (lambda (inputs inner)
        (parameterize ((current-trail (lambda () trail)))
          (let loop ((stream (conjoin/inner start inner)) (trails '()) (shown 0) (seen 0))
            (call-with-values (lambda () (stream-next stream))
              (lambda (answer rest)
                (cond
                 ((not answer) (make-counted goal (reverse trails) (- seen shown) #t))
                 ((= seen most) (make-counted goal (reverse trails) (- seen shown) #f))
                 ((not (matters? inputs answer)) (loop rest trails shown seen))
                 ((< shown most-shown)
                  (loop rest (cons (walk* trail answer) trails) (+ shown 1) (+ seen 1)))
                 (else (loop rest trails shown (+ seen 1))))))))))))
