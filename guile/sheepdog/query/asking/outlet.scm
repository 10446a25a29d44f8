;;; outlet.scm -- what is printed while a question is still being answered, without waiting for who reads it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The time of a question is for the search.  Who looks at its answers page by page must not use it up, so what
;;; cannot be written at once is kept, and written when there is room, at the latest at the end.
(define-module (sheepdog query asking outlet)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 match)
  #:use-module (ice-9 q)
  #:use-module (rnrs bytevectors)
  #:export (make-outlet outlet-write outlet-finish))

;; So many bytes a pipe takes at once where it has room at all.
(define piece 4096)

(define (make-outlet port)
  "An outlet to PORT."
  (force-output port)
  (cons port (make-q)))

(define (outlet-write outlet text)
  "Write TEXT to OUTLET, as far as that is possible at once."
  (match outlet
    ((port . waiting)
     (if (file-port? port)
         (let ((bytes (string->utf8 text)))
           (unless (zero? (bytevector-length bytes)) (enq! waiting (cons bytes 0)))
           (write-pieces port waiting (lambda () (ready? port))))
         (display text port)))))

(define (outlet-finish outlet)
  "Write what is left in OUTLET, however long that takes."
  (match outlet
    ((port . waiting) (write-pieces port waiting (const #t)))))

(define (ready? port)
  (match (select '() (list (fileno port)) '() 0)
    ((_ (_) _) #t)
    (_ #f)))

(define (write-pieces port waiting go-on?)
  (let loop ()
    (unless (or (q-empty? waiting) (not (go-on?)))
      (match (q-front waiting)
        ((bytes . from)
         (let ((count (min piece (- (bytevector-length bytes) from))))
           (put-bytevector port bytes from count)
           (force-output port)
           (if (= (+ from count) (bytevector-length bytes))
               (deq! waiting)
               (set-cdr! (q-front waiting) (+ from count))))))
      (loop))))
