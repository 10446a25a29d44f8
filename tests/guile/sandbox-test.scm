;;; sandbox-test.scm -- what questions that are not trusted may name.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (ice-9 regex)
             (sheepdog query asking sandbox)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define names (append-map cdr sandbox-bindings))

(define (exports module)
  (module-map (lambda (name variable) name) (resolve-interface module)))

;; What (sheepdog query) has and no stranger may name.  Whoever exports something more decides here.
(define kept-back
  '(open-herd close-herd current-herd define-store-relation user-relations current-present current-moment))

(test-suite "sandbox"
  (test-equal "(sheepdog query) has nothing that nobody decided about"
    '()
    (lset-xor eq? (exports '(sheepdog query))
              (append kept-back (assoc-ref sandbox-bindings '(sheepdog query)))))
  (test-equal "no name is there twice" '()
    (let loop ((names names) (twice '()))
      (match names
        (() twice)
        ((name . rest) (loop rest (if (memq name rest) (cons name twice) twice))))))
  (test-equal "nothing changes what was there before, waits, raises and catches, or takes syntax apart"
    '()
    (filter (lambda (name)
              (string-match "!$|^set|^with-|^call/|^call-with-[^v]|port|file|module|variable|fluid|parameter|prompt|\
syntax[^-]|syntax$|throw|catch|raise|sleep|time$|eval|load|macro|hash-|object|struct|record|array"
                            (symbol->string name)))
            (delq 'reporto (list-copy names))))
  (let ((module (make-sandbox)))
    (test-equal "all of it is there, and nothing else"
      '(() ())
      (let ((there (append-map (lambda (used) (module-map (lambda (name variable) name) used))
                               (module-uses module))))
        (list (lset-difference eq? there names) (lset-difference eq? names there))))
    (test-equal "it computes" '(3 (1 2) "a")
      (eval '(let ((a 1)) (list (+ a 2) (filter-map identity '(1 #f 2)) (match '(x "a") ((_ s) s)))) module))))
