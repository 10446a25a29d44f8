;;; kanren.scm -- how long classic miniKanren programs take, beside faster-miniKanren
;;; SPDX-License-Identifier: GPL-3.0-or-later

;; guile -L guile -C BUILD/guile tests/bench/kanren.scm
;;
;; If $FASTER_MINIKANREN names a checkout of faster-miniKanren, each program runs
;; there too, compiled like ours and in the same process; the answers must be the
;; same, and the last line gives the geometric mean of our time to theirs:
;;
;;   kanren ratio 0.25 (quines 0.20, ...)
;;
;; The programs are compiled into a directory that is deleted at the end.

(use-modules (ice-9 format)
             (ice-9 match)
             (srfi srfi-1)
             (system base compile))


(define %relations
  '((defrel (eval-expo exp env val)
      (conde
        ((fresh (v)
           (== (list 'quote v) exp)
           (not-in-envo 'quote env)
           (absento 'closure v)
           (== v val)))
        ((fresh (parts)
           (== (cons 'list parts) exp)
           (not-in-envo 'list env)
           (absento 'closure parts)
           (eval-listo parts env val)))
        ((symbolo exp) (lookupo exp env val))
        ((fresh (rator rand x body env^ a)
           (== (list rator rand) exp)
           (eval-expo rator env (list 'closure x body env^))
           (eval-expo rand env a)
           (eval-expo body (cons (cons x a) env^) val)))
        ((fresh (x body)
           (== (list 'lambda (list x) body) exp)
           (symbolo x)
           (not-in-envo 'lambda env)
           (== (list 'closure x body env) val)))))

    (defrel (not-in-envo x env)
      (conde
        ((fresh (y v rest)
           (== (cons (cons y v) rest) env)
           (=/= y x)
           (not-in-envo x rest)))
        ((== '() env))))

    (defrel (eval-listo exp env val)
      (conde
        ((== '() exp) (== '() val))
        ((fresh (a d v-a v-d)
           (== (cons a d) exp)
           (== (cons v-a v-d) val)
           (eval-expo a env v-a)
           (eval-listo d env v-d)))))

    (defrel (lookupo x env val)
      (fresh (rest y v)
        (== (cons (cons y v) rest) env)
        (conde
          ((== y x) (== v val))
          ((=/= y x) (lookupo x rest val)))))

    (defrel (joino l s out)
      (conde
        ((== '() l) (== s out))
        ((fresh (a d rest)
           (== (cons a d) l)
           (== (cons a rest) out)
           (joino d s rest)))))

    (define (alwayso) (conde (succeed) ((alwayso))))))

;; Name, question, and whether it needs the numbers of the other side's checkout.
(define %programs
  '((quines (run 40 (q) (eval-expo q '() q)) #f)
    (twines (run 8 (p q)
              (=/= p q) (eval-expo p '() q) (eval-expo q '() p))
            #f)
    (thrines (run 4 (p q r)
               (=/= p q) (=/= q r) (=/= p r)
               (eval-expo p '() q) (eval-expo q '() r) (eval-expo r '() p))
             #f)
    (splits (run* (x y) (joino x y (iota 1000))) #f)
    (stream (length (run 300000 (q) (alwayso))) #f)
    (logo (run 9 (b q r) (logo (build-num 68) b q r) (>1o q)) #t)))

(define %rounds 3)

(define (forms-in file)
  "Return the list of the forms in FILE."
  (call-with-input-file file
    (lambda (port)
      (let loop ((forms '()))
        (match (read port)
          ((? eof-object?) (reverse forms))
          (form (loop (cons form forms))))))))

(define (compile-and-load source directory)
  "Compile the file SOURCE into DIRECTORY and load it; return its last value."
  (load-compiled
   (compile-file source
                 #:output-file (string-append directory "/"
                                              (basename source ".scm") ".go")
                 #:optimization-level 2
                 #:warning-level 0)))

(define (load-side name library forms directory)
  "Return an alist from the names of the programs to thunks, compiled in a module
with NAME that uses the module LIBRARY and begins with FORMS."
  (let ((source (string-append directory "/" (symbol->string name) ".scm"))
        (usable (filter (match-lambda ((_ _ numbers?) (or (not numbers?)
                                                          (pair? forms))))
                        %programs)))
    (call-with-output-file source
      (lambda (port)
        (for-each
         (lambda (form) (write form port) (newline port))
         `((define-module (bench ,name)
             #:use-module ,library
             #:export (programs))
           ,@forms
           ,@%relations
           (define programs
             (list ,@(map (match-lambda
                            ((name question _)
                             `(cons ',name (lambda () ,question))))
                          usable)))))))
    (compile-and-load source directory)
    (module-ref (resolve-module `(bench ,name)) 'programs)))

(define (load-theirs checkout directory)
  "Load the library in CHECKOUT, compiled in DIRECTORY."
  (let ((link (string-append directory "/faster-minikanren")))
    (symlink (canonicalize-path checkout) link)
    (set! %load-path (append %load-path (list directory)))
    ;; It overrides bindings of Guile on purpose.
    (current-warning-port (%make-void-port "w"))
    (compile-and-load (string-append link "/mk-guile.scm") directory)))

(define (seconds thunk)
  "Return the answer of THUNK and how long it took."
  (gc)
  (let* ((start  (get-internal-real-time))
         (answer (thunk))
         (end    (get-internal-real-time)))
    (values answer (/ (- end start) internal-time-units-per-second 1.0))))

(define (measure thunks)
  "Return the best time of each of THUNKS, which take turns; their answers must be
the same."
  (let loop ((round 0) (best (map (const +inf.0) thunks)) (known #f))
    (if (= round %rounds)
        best
        (let* ((results (map (lambda (thunk)
                               (call-with-values (lambda () (seconds thunk)) cons))
                             thunks))
               (answer  (or known (caar results))))
          (unless (every (lambda (result) (equal? (car result) answer)) results)
            (format #t "kanren: the answers differ~%")
            (exit 1))
          (loop (+ round 1) (map min best (map cdr results)) answer)))))

(define (geometric-mean numbers)
  (exp (/ (apply + (map log numbers)) (length numbers))))

(define (compare ours theirs)
  "Measure the programs of both sides and print the ratios."
  (let ((ratios
         (map (match-lambda
                ((name . thunk)
                 (match (measure (list thunk (assq-ref theirs name)))
                   ((our-time their-time)
                    (let ((ratio (/ our-time their-time)))
                      (format #t "~10a ours ~6,3f s  theirs ~6,3f s  ratio ~,2f~%"
                              name our-time their-time ratio)
                      (cons name ratio))))))
              ours)))
    (format #t "kanren ratio ~,2f (~a)~%"
            (geometric-mean (map cdr ratios))
            (string-join (map (match-lambda
                                ((name . ratio) (format #f "~a ~,2f" name ratio)))
                              ratios)
                         ", "))))

(define (show ours)
  "Measure and print our programs only."
  (let ((times (map (match-lambda
                      ((name . thunk)
                       (format #f "~a ~,3f s" name (car (measure (list thunk))))))
                    ours)))
    (format #t "kanren (~a)~%" (string-join times ", "))
    (format #t "Set FASTER_MINIKANREN to a checkout of it for the ratio.~%")))

(define (delete-directory directory)
  "Delete DIRECTORY and what we put there."
  (for-each (lambda (file)
              (let ((name (string-append directory "/" file)))
                (when (or (file-exists? name))
                  (delete-file name))))
            '("ours.scm" "ours.go" "theirs.scm" "theirs.go" "mk-guile.go"
              "faster-minikanren"))
  (rmdir directory))

(define (main)
  (let ((checkout  (getenv "FASTER_MINIKANREN"))
        (directory (mkdtemp "/tmp/sheepdog-bench-XXXXXX")))
    (dynamic-wind
      (const #t)
      (lambda ()
        (let ((numbers (if checkout
                           (forms-in (string-append checkout "/numbers.scm"))
                           '())))
          (define (side name library)
            (load-side name library numbers directory))
          (cond
           (checkout
            (load-theirs checkout directory)
            (compare (side 'ours '(sheepdog kanren))
                     (side 'theirs '(faster-minikanren mk-guile))))
           (else (show (side 'ours '(sheepdog kanren)))))))
      (lambda () (delete-directory directory)))))

(main)
