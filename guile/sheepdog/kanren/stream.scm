;;; stream.scm -- the stream of states that a search produces
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; A stream is one of
;;   #f               no (more) answer
;;   a state          one answer, the last
;;   (state . thunk)  an answer, and how to go on
;;   a thunk          a search that is put off, so that others get their turn
;; Each thunk is called at most once.  The order of answers is that of other
;; miniKanrens, since plus and bind take turns in the same places.

(define-module (sheepdog kanren stream)
  #:export (state? stream-case
            stream-bind stream-of-clauses
            stream-commit stream-commit/first stream-next))

(define-syntax-rule (state? x)
  "Return true if the stream X is a state, its one answer."
  (vector? x))

(define-syntax-rule (stream-case e
                      (() none)
                      ((state) one)
                      ((first rest) many)
                      ((thunk) put-off))
  "Go one of four ways by the kind of the stream E, with its parts named."
  (let ((stream e))
    (cond
     ((state? stream) (let ((state stream)) one))
     ((not stream) none)
     ((pair? stream)
      (let ((first (car stream)) (rest (cdr stream))) many))
     (else (let ((thunk stream)) put-off)))))

(define (stream-plus stream rest)
  "Return the answers of STREAM and of the thunk REST in turns."
  (stream-case stream
    (() (rest))
    ((state) (cons state rest))
    ((state more) (cons state (lambda () (stream-plus (rest) more))))
    ((thunk) (lambda () (stream-plus (rest) thunk)))))

(define (stream-bind stream goal)
  "Return the answers of GOAL for each answer of STREAM, in turns."
  (stream-case stream
    (() #f)
    ((state) (goal state))
    ((state more)
     (stream-plus (goal state) (lambda () (stream-bind (more) goal))))
    ((thunk) (lambda () (stream-bind (thunk) goal)))))

(define (stream-of-clauses clause first last)
  "Return the answers of (CLAUSE N), a stream, for each N from FIRST to LAST, in
turns."
  (let loop ((n first))
    (if (eq? n last)
        (clause n)
        (let ((stream (clause n))
              (next   (+ n 1)))
          (if stream
              (stream-plus stream
                           (lambda () (stream-of-clauses clause next last)))
              (loop next))))))

(define (stream-commit stream goal otherwise)
  "Return the answers of GOAL for each answer of STREAM, or the stream that the thunk
OTHERWISE returns if STREAM has none."
  (stream-case stream
    (() (otherwise))
    ((state) (goal state))
    ((state more) (stream-bind stream goal))
    ((thunk) (lambda () (stream-commit (thunk) goal otherwise)))))

(define (stream-commit/first stream goal otherwise)
  "As stream-commit, for the first answer of STREAM only."
  (stream-case stream
    (() (otherwise))
    ((state) (goal state))
    ((state more) (goal state))
    ((thunk) (lambda () (stream-commit/first (thunk) goal otherwise)))))

(define (stream-next stream)
  "Search STREAM until there is an answer.  Return its state and the stream of
what follows, or #f and #f if there is none."
  (let loop ((stream stream))
    (stream-case stream
      (() (values #f #f))
      ((state) (values state #f))
      ((state more) (values state more))
      ((thunk) (loop (thunk))))))
