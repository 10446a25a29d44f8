;;; kanren-test.scm -- miniKanren: answers, their order and their text
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-64)
             (system base compile)
             (sheepdog kanren)
             (sheepdog test))

(define-syntax-rule (test-run expected form)
  ;; The question is the name of its test.
  (test-equal (object->string 'form) 'expected form))

;;; Textbook relations.

(defrel (appendo l s out)
  (conde
    ((== '() l) (== s out))
    ((fresh (a d rest)
       (== `(,a . ,d) l)
       (== `(,a . ,rest) out)
       (appendo d s rest)))))

(define (membero x l)
  (fresh (a d)
    (== (cons a d) l)
    (conde
      ((== x a))
      ((membero x d)))))

(defrel (rembero x l out)
  (matche (l out)
    ((() ()))
    (((,a . ,d) ,d) (== a x))
    (((,a . ,d) (,a . ,rest)) (=/= a x) (rembero x d rest))))

(defrel (nato n)
  "N is a number by Peano."
  (conde
    ((== 'z n))
    ((fresh (m) (== `(s ,m) n) (nato m)))))

(define (nevero) (fresh () (nevero)))
(defrel (emptyo) (emptyo))
(define alwayso
  ;; Compiled, since a million answers of it are asked for.
  (compile '(letrec ((alwayso (lambda () (conde (succeed) ((alwayso))))))
              alwayso)
           #:env (current-module)))

;; A left-recursive search, to see turns taken in a deep tree.
(defrel (pairso x)
  (conde
    ((fresh (a d) (pairso a) (pairso d) (== x `(,a . ,d))))
    ((== x 1))))

;;; The interpreter that writes programs which evaluate to themselves.

(defrel (eval-expo exp env val)
  (conde
    ((fresh (v)
       (== `(quote ,v) exp)
       (not-in-envo 'quote env)
       (absento 'closure v)
       (== v val)))
    ((fresh (a*)
       (== `(list . ,a*) exp)
       (not-in-envo 'list env)
       (absento 'closure a*)
       (eval-listo a* env val)))
    ((symbolo exp) (lookupo exp env val))
    ((fresh (rator rand x body env^ a)
       (== `(,rator ,rand) exp)
       (eval-expo rator env `(closure ,x ,body ,env^))
       (eval-expo rand env a)
       (eval-expo body `((,x . ,a) . ,env^) val)))
    ((fresh (x body)
       (== `(lambda (,x) ,body) exp)
       (symbolo x)
       (not-in-envo 'lambda env)
       (== `(closure ,x ,body ,env) val)))))

(defrel (not-in-envo x env)
  (conde
    ((fresh (y v rest)
       (== `((,y . ,v) . ,rest) env)
       (=/= y x)
       (not-in-envo x rest)))
    ((== '() env))))

(defrel (eval-listo exp env val)
  (conde
    ((== '() exp) (== '() val))
    ((fresh (a d v-a v-d)
       (== `(,a . ,d) exp)
       (== `(,v-a . ,v-d) val)
       (eval-expo a env v-a)
       (eval-listo d env v-d)))))

(defrel (lookupo x env val)
  (fresh (rest y v)
    (== `((,y . ,v) . ,rest) env)
    (conde
      ((== y x) (== v val))
      ((=/= y x) (lookupo x rest val)))))

(test-suite "kanren"

  (test-group "run"
    (test-run (5) (run* (q) (== q 5)))
    (test-run ((1 2)) (run* (x y) (== x 1) (== y 2)))
    (test-run ((_.0 _.1 _.0)) (run* (x y z) (== x z)))
    (test-run () (run 0 (q) succeed))
    (test-run (_.0) (run 3 (q)))
    (test-run (_.0 _.0) (run 2 (q) (alwayso)))
    (test-run (1) (run 1 (q) (conde ((nevero)) ((== q 1)))))
    (test-run (1) (run 1 (q) (conde ((emptyo)) ((== q 1)))))
    (test-run (1 2) (run #f (q) (conde ((== q 1)) ((== q 2)))))
    (test-run (1 1 1) (run 3 (q) (conde ((nevero)) ((alwayso) (== q 1)) ((emptyo)))))
    (test-run ((1 2)) (run 1 (q r)
                        (fresh (x)
                          (conde ((pairso x) (nevero)) ((== q 1)))
                          (conde ((nevero)) ((nato x) (== r 2))))))
    (test-run (5) (run* q (== q 5)))
    (test-run () (run* (q) fail))
    (test-run () (run* (q) (== q 1) (== q 2)))
    (test-run (#f) (run* (q) (== q #f)))
    (test-run (_.0) (let ((g (== 1 1))) (run* (q) g)))
    (test-run ((z 1)) (let ((n 1)) (run (+ n n) (q r) (== q 'z) (== r n)))))

  (test-group "unification"
    (test-run () (run* (q) (== q `(1 ,q))))
    (test-run () (run* (q) (fresh (x y) (== x `(,y)) (== y `(,x)))))
    (test-run ((1 2 . 3))
              (run* (q) (fresh (x y) (== `(,x 2 . ,y) q) (== '(1 2 . 3) q))))
    (test-run ("a") (run* (q) (== q "a") (== (string #\a) q)))
    (test-run () (run* (q) (== 1 1.0)))
    (test-run (#(1 2)) (run* (q) (== q (vector 1 2)) (== q (vector 1 2))))
    (test-run () (run* (q) (== (vector 1) (vector 2))))
    (test-run (#()) (run* (q) (== q (vector))))
    (test-run (1/2) (run* (q) (== (list q 'a) '(1/2 a)))))

  (test-group "order of answers"
    (test-run (1 2 3) (run* (q) (conde ((== q 1)) ((== q 2)) ((== q 3)))))
    (test-run ((() (1 2)) ((1) (2)) ((1 2) ()))
              (run* (x y) (appendo x y '(1 2))))
    (test-run (1 (1 . 1) (1 1 . 1) ((1 . 1) . 1) (1 1 1 . 1) ((1 . 1) 1 . 1))
              (run 6 (q) (pairso q)))
    (test-run ((1 a) (1 b) (2 a) (3 a) (2 b) (3 b))
              (run* (x y)
                (conde ((== x 1)) ((== x 2)) ((== x 3)))
                (conde ((== y 'a)) ((== y 'b)))))
    (test-run (z (s z) (s (s z))) (run 3 (q) (nato q)))
    (test-run ((b c a) (a c b) (a b c)
               ((a b c) _.0 (=/= ((_.0 a)) ((_.0 b)) ((_.0 c)))))
              (map (match-lambda
                     (((rest x) constraint) (list rest x constraint))
                     (((a ...) x) (append a (list x))))
                   (run* (rest x) (rembero x '(a b c) rest)))))

  (test-group "constraints"
    (test-run (((_.0 _.1) (=/= ((_.0 5))) (sym _.1)))
              (run* (x y) (=/= x 5) (symbolo y)))
    (test-run ((_.0 (=/= ((_.0 1)) ((_.0 2)))))
              (run* (q) (=/= q 2) (=/= q 1) (=/= 2 q)))
    (test-run (((_.0 _.1) (=/= ((_.0 1) (_.1 2)))))
              (run* (x y) (=/= `(,x ,y) '(1 2))))
    (test-run ((2 3)) (run* (x y) (=/= `(,x ,y) '(2 2)) (== x 2) (== y 3)))
    (test-run () (run* (x y) (=/= `(,x ,y) '(1 2)) (== y 2) (== x 1)))
    (test-run (((_.0 _.1) (=/= ((_.0 _.1))))) (run* (x y) (=/= y x)))
    (test-run () (run* (x y) (=/= y x) (== x y)))
    (test-run (_.0) (run* (q) (fresh (x) (=/= q x))))
    (test-run () (run* (q) (=/= q q)))
    (test-run ((_.0 (num _.0))) (run* (q) (numbero q) (=/= q 'a)))
    (test-run () (run* (q) (numbero q) (symbolo q)))
    (test-run (("s" a 1)) (run* (x y z) (stringo x) (symbolo y) (numbero z)
                                (== `(,x ,y ,z) '("s" a 1))))
    (test-run () (run* (q) (stringo q) (== q 'a)))
    (test-run (((_.0 _.1 _.2) (num _.2) (str _.1) (sym _.0)))
              (run* (x y z) (numbero z) (symbolo x) (stringo y)))
    (test-run ((_.0 (absento (a _.0)))) (run* (q) (absento 'a q)))
    (test-run ((_.0 (=/= ((_.0 a))) (sym _.0)))
              (run* (q) (absento 'a q) (symbolo q)))
    (test-run () (run* (q) (absento 'a q) (== q '(b (c a)))))
    (test-run (((_.0 . _.1) (absento (a _.0) (a _.1))))
              (run* (q) (fresh (x y) (absento 'a q) (== q `(,x . ,y)))))
    (test-run (_.0) (run* (q) (absento `(1 . ,q) q)))
    (test-run ((_.0 (absento ((1 2) _.0)))) (run* (q) (absento '(1 2) q)))
    (test-run (((_.0 _.0) (=/= ((_.0 1)) ((_.0 2)))))
              (run* (x y) (=/= x 1) (=/= y 2) (== x y)))
    (test-equal "constraints of one branch are not seen in another"
      '((_.0 (=/= ((_.0 1)))) (_.0 (num _.0)) 3)
      (run* (q) (conde ((=/= q 1)) ((numbero q)) ((== q 3)))))
    (test-equal "constraints made before a branch hold in it"
      '(2 (_.0 (=/= ((_.0 1))) (num _.0)))
      (run* (q) (=/= q 1) (conde ((== q 1)) ((== q 2)) ((numbero q))))))

  (test-group "committed choice"
    (test-run (1 2) (run* (q) (conda ((conde ((== q 1)) ((== q 2)))) ((== q 3)))))
    (test-run (3) (run* (q) (conda (fail (== q 1)) ((== q 3)) ((== q 4)))))
    (test-run () (run* (q) (conda (succeed fail) ((== q 3)))))
    (test-run (1) (run* (q) (condu ((conde ((== q 1)) ((== q 2)))) ((== q 3)))))
    (test-run (_.0) (run* (q) (condu ((alwayso)))))
    (test-run (1) (run* (q) (onceo (membero q '(1 2 3)))))
    (test-run () (run* (q) (conda ((== q 1) (== q 2)) (succeed))))
    (test-equal "a clause whose test failed has bound nothing"
      '((2 _.0))
      (run* (x y)
        (conda ((fresh () (== x 1) (== y 1) fail))
               ((== x 2))))))

  (test-group "project"
    (test-run (9) (run* (q) (fresh (x) (== x 3) (project (x) (== q (* x x))))))
    (test-run (((1 2)))
              (run* (q) (fresh (x y) (== x `(1 ,y)) (== y 2)
                               (project (x) (== q (list x))))))
    (test-equal "a run inside a run binds nothing outside"
      '((_.0 ((1 2))))
      (run* (x q)
        (project (x)
          (== q (run* (r) (fresh (s)
                            (== x 2)
                            (conde ((== s 1) (== r (list s x))))))))))
    (test-equal "a run inside a run does not mix up variables"
      '(((_.0 1) (_.0 (=/= ((_.0 2)))) 5))
      (run* (a b c)
        (fresh (x y)
          (=/= c 6)
          (project (x)
            (== `(,a) (run* (r) (fresh (s) (== r `(,s 1))))))
          (project (y)
            (== `(,b) (run* (s) (=/= s 2))))
          (== c 5)))))

  (test-group "matche"
    (test-run ((1 2) (1 3)) (run* (x y) (matche (x y) ((1 2)) ((,_ 3) (== x 1)))))
    (test-run (1) (run* (q) (fresh (l) (== l '(1 2)) (matche l ((,a . ,??) (== a q))))))
    (test-run (a) (run* (q) (matche (q q) ((,(? symbolo x) a)))))
    (test-run (7) (run* (q) (matche q (,q (== q 7)))))
    (test-run ((1 1)) (run* (x y) (matche (x y) ((,a ,a) (== a 1)))))
    (test-run (6) (let ((lengtho (lambdae (l n) (((,_ ,_) ,n) (== n 6)))))
                    (run* (q) (lengtho '(a b) q))))
    (let ()
      (defmatche (lasto l x)
        (((,x) ,x))
        (((,_ . ,d) ,x) (lasto d x)))
      (test-run (c) (run* (q) (lasto '(a b c) q))))
    (test-raises "a part named as the whole" exception?
      (eval '(matche q ((,q . ,d) succeed)) (current-module)))
    (test-raises "too few patterns" exception?
      (eval '(matche (a b) ((,x) succeed)) (current-module))))

  (test-group "programs that evaluate to themselves"
    (test-run ((((lambda (_.0) (list _.0 (list 'quote _.0)))
                 '(lambda (_.0) (list _.0 (list 'quote _.0))))
                (=/= ((_.0 closure)) ((_.0 list)) ((_.0 quote)))
                (sym _.0)))
              (run 1 (q) (eval-expo q '() q)))
    (test-equal "10 different ones" 10
      (length (delete-duplicates (run 10 (q) (eval-expo q '() q)))))
    (test-run (((quote _.0) (absento (closure _.0))))
              (run 1 (q) (fresh (v) (eval-expo q '() v) (== q `',v)))))

  ;; Guile's compiler has choked on forms in forms.
  (test-group "compiled and interpreted programs give the same answers"
    (let ((inner-forms
           (list (lambda (goal) goal)
                 (lambda (goal) `(fresh (z) ,goal))
                 (lambda (goal) `(conda (,goal) ((== x 4))))
                 (lambda (goal) `(fresh () (onceo ,goal) (membero y '(1 2))))))
          (outer-forms
           (list (lambda (goal) `(conde (,goal) (,goal (== y 2))))
                 (lambda (goal) `(conde ((== x 3)) (,goal)))
                 (lambda (goal) `(conda ((== x 5) fail) (succeed ,goal)))
                 (lambda (goal) `(condu (,goal (== y 6)) (,goal)))
                 (lambda (goal) `(project (x) ,goal (== y 7))))))
      (for-each
       (lambda (outer)
         (for-each
          (lambda (inner)
            (let ((program `(run* (x y)
                              ,(outer (inner '(conde ((== x 1)) ((== x 2))))))))
              (test-equal (object->string program)
                (eval program (current-module))
                (compile program #:env (current-module)))))
          inner-forms))
       outer-forms)))

  (test-group "large searches"
    (test-equal "a million answers, one by one" 1000000
      (let ((count 0))
        (run-for-each (lambda (answer) (set! count (+ count 1)))
                      1000000 (q) (alwayso))
        count))
    (test-assert "answers that were consumed are not kept"
      (let* ((used   (lambda ()
                       (gc)
                       (let ((stats (gc-stats)))
                         (- (assq-ref stats 'heap-size)
                            (assq-ref stats 'heap-free-size)))))
             (before (used))
             (after  before)
             (count  0))
        (run-for-each (lambda (answer)
                        (set! count (+ count 1))
                        (when (= count 200000) (set! after (used))))
                      200000 (q) (alwayso) (fresh (x) (== x 1) (== q x)))
        (< after (+ before 4000000))))
    (test-equal "a term a hundred thousand deep" 'inner
      (let ((deep (fold (lambda (n inner) (list inner)) 'inner (iota 100000))))
        (fold (lambda (n term) (car term))
              (car (run* (q) (fresh (x) (== x deep) (== x q))))
              (iota 100000))))
    (test-equal "splits" 101
      (length (run* (x y) (appendo x y (iota 100)))))))
