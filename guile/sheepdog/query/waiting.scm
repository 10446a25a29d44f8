;;; waiting.scm -- comparisons of a conjunction wait for their arguments.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query waiting)
  #:use-module (sheepdog kanren extend)
  #:use-module (sheepdog query comparison)
  #:use-module (sheepdog query relation)
  #:use-module (srfi srfi-1)
  #:export (plan-waiting))

(define (plan-waiting state goals)
  "Plan for current-planner: GOALS in their order, but for the comparisons, each of which is made as
soon as its arguments are known, wherever it stands."
  (call-with-values (lambda () (partition comparison-goal? goals))
    (lambda (waiting others)
      (if (null? waiting)
          goals
          (let* ((any-typed (append-map any-typed-terms others))
                 (waiting (map (lambda (goal) (comparison-among goal any-typed)) waiting)))
            (list (lambda (state) (in-turn state others waiting))))))))

(define (in-turn state goals waiting)
  "The stream of GOALS in STATE, with the comparisons in WAITING."
  (let ((waiting (still-unknown waiting state)))
    (cond
     ((not waiting) #f)
     ((pair? goals)
      (stream-bind ((car goals) state)
                   (lambda (state) (in-turn state (cdr goals) waiting))))
     ((null? waiting) state)
     (else (complain-unknown (car waiting) state)))))

(define (still-unknown waiting state)
  "Those of the comparisons in WAITING whose arguments are not known in STATE; #f where one of the
others does not hold."
  (let loop ((rest waiting) (unknown '()))
    (if (null? rest)
        (reverse! unknown)
        (let ((result (comparison-result (car rest) state)))
          (and result
               (loop (cdr rest)
                     (if (eq? result 'unknown) (cons (car rest) unknown) unknown)))))))
