;;; error-test.scm -- every condition says in one line what it is about
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 exceptions)
             (sheepdog error)
             (sheepdog task)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define-exception-type &sheep-lost &error make-sheep-lost sheep-lost?)

(define (text-of thunk)
  (with-exception-handler exception->text thunk #:unwind? #t))

(test-suite "error"
  (test-equal "an error of Guile's own"
    "Wrong type argument in position 1 (expecting pair): ()"
    (text-of (lambda () (car (identity '())))))
  (test-equal "a condition without a message has the name of its type"
    '("sheep-lost" "sheep-lost, warning")
    (list (text-of (lambda () (raise-exception (make-sheep-lost))))
          (text-of (lambda ()
                     (raise-exception (make-exception (make-sheep-lost) (make-warning)))))))
  (test-equal "one of Guile's without a message has its key"
    "key" (text-of (lambda () (throw 'key))))
  (test-equal "a keyword that is not known, or has no value, is named"
    '("unknown keyword #:b" "#:a has no value" "7 stands where a keyword would")
    (let ((f (lambda* (#:key a) a)))
      (map (lambda arguments (text-of (lambda () (apply f (car arguments)))))
           '((#:b 1) (#:a) (7 8)))))
  (test-equal "who calls (exit) is told that they do"
    "it called (exit), which only a program may"
    (text-of (lambda () (exit 3))))
  (test-equal "what commands a terminal is not in it"
    "a b\ufffdc" (text-of (lambda () (raise-check-failed "a\nb\x1bc"))))
  (test-equal "an index that is out of range, of which Guile has no object for the least one"
    "Value out of range 0 to< 18446744073709551615: -1"
    (text-of (lambda () (list-ref (list 1 2) (identity -1)))))
  (test-equal "of what goes on, or round in a circle, the beginning is told"
    '("Wrong type argument: (1 2 1 2 1 2 1 2 1 2 1 2 ...)"
      "Wrong type argument in position 1 (expecting pair): #((((...))))"
      "too many #(0 0 0 0 0 0 0 0 0 0 0 0 ...)")
    (list (text-of (lambda () (fold + 0 (circular-list 1 2))))
          (text-of (lambda () (car (identity (vector '((((5)))))))))
          (text-of (lambda () (error "too many" (make-vector 1000 0))))))
  (test-equal "a task that was cancelled says so"
    "the task was cancelled"
    (let ((said #f))
      (run-task
       (lambda ()
         (cancel-task (spawn-task (lambda ()
                                    (set! said (text-of (lambda () (sleep 60)))))))))
      said)))
