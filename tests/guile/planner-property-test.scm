;;; planner-property-test.scm -- questions by chance: planned, goal by goal, and by nested loops
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; SHEEPDOG_CASES says how many questions are asked, SHEEPDOG_SEED the number of the first one: each
;;; follows from its number alone.
(use-modules (sheepdog test)
             (system base compile))

;; Nested loops take their time; what is compiled takes a tenth of it.
(call-with-temporary-directory
 (lambda (directory)
   (for-each (lambda (name)
               (save-module-excursion
                (lambda ()
                  (load-compiled
                   (compile-file (search-path %load-path (string-append "sheepdog/" name ".scm"))
                                 #:output-file (string-append directory "/" name ".go")
                                 #:optimization-level 0)))))
             '("naive-values" "random-herd" "random-question" "question-traits" "naive" "plain-rows"))))

(use-modules (ice-9 exceptions)
             (ice-9 format)
             (ice-9 match)
             (ice-9 pretty-print)
             (sheepdog core)
             (sheepdog error)
             (sheepdog kanren extend)
             (sheepdog naive)
             (sheepdog plain-rows)
             (sheepdog query)
             (sheepdog query waiting)
             (sheepdog question-traits)
             (sheepdog random-herd)
             (sheepdog random-question)
             (sheepdog store)
             (srfi srfi-1)
             (srfi srfi-64))

(define (number-from name default)
  (or (and=> (getenv name) string->number) default))

(define first-case (number-from "SHEEPDOG_SEED" 1))
(define cases (number-from "SHEEPDOG_CASES" 200))

;; So many questions are asked of one herd.
(define cases-per-herd 40)

(define asking-module
  (let ((module (make-fresh-user-module)))
    (module-use! module (resolve-interface '(sheepdog query)))
    (eval '(define (seeno x) (project (x) (if (known? x) succeed fail))) module)
    (module-define! module 'known? (lambda (x) (not (var? x))))
    (for-each (match-lambda
                ((name arguments . goals)
                 (eval `(define-relation (,name ,@arguments) ,@goals) module)))
              users-relations)
    module))

;;; What a question comes to: the list of its answers in one order, or (error MESSAGE).

(define (sorted answers)
  (sort (map (lambda (answer) (object->string answer)) answers) string<?))

(define-syntax-rule (outcome finish answers)
  (with-exception-handler
      (lambda (exception) (list 'error (exception->text exception)))
    (lambda () (finish answers))
    #:unwind? #t))

(define (asked question)
  "A thunk that asks QUESTION."
  (match question
    ;; One variable alone would not be in a list.
    (('run* () goal) (asked `(run* (shown) (== shown '()) ,goal)))
    (('run* (shown) goal) (let ((ask (eval `(lambda () ,question) asking-module)))
                            (lambda () (map list (ask)))))
    (_ (eval `(lambda () ,question) asking-module))))

(define (planned ask) (outcome sorted (ask)))

(define (goal-by-goal ask)
  (outcome sorted (parameterize ((current-planner plan-waiting)) (ask))))

;; More steps than this, and a question is left out.
(define most-steps 1500)

(define* (by-nested-loops question rows #:optional (finish sorted))
  "As above; or #f where that takes too long, or has no answer that could be told."
  (define steps 0)
  (define (step)
    (set! steps (+ steps 1))
    (when (> steps most-steps) (throw 'too-long)))
  (catch #t
    (lambda ()
      (match question
        (('run* shown . goals)
         (finish (naive-answers shown goals rows users-relations (or (current-moment) random-herd-present) step)))))
    (lambda (key . _)
      (if (memq key '(too-long never-known ill-mixed)) #f (apply throw key _)))))

;; What a question may say instead of an answer: these depend on the order in which rows are looked at.
(define (mixed? outcome)
  (error-saying? outcome '("cannot be compared" "must be a number" "must be a time" "must be a string")))

;; Goal by goal, not all orders will do; a planner that leaves a choice to the search may say so, too.
(define (out-of-order? outcome)
  (error-saying? outcome '("nothing beside it says" "is not known")))

(define (error-saying? outcome parts)
  (match outcome
    (('error message) (any (lambda (part) (string-contains message part)) parts))
    (_ #f)))

(define (difference question shuffled rows)
  "How QUESTION, and SHUFFLED, are answered, where not the same in all ways: a list; else #f, or a symbol:
left-out where that cannot be told, mixed where a way says that values cannot be compared, out-of-order
where no order but the first will do, none where there are no answers."
  (define right (by-nested-loops question rows))
  (define (same? outcome)
    (or (equal? outcome right) (and (mixed? outcome) (mixes-types? question))))
  (if (not right)
      'left-out
      (let* ((ask (asked question)) (ask-shuffled (asked shuffled))
             (a (planned ask)) (b (goal-by-goal ask)) (c (planned ask-shuffled)))
        (if (and (same? a)
                 ;; In a form inside, nobody knows that what waits outside may come to nothing.
                 (or (same? b) (and (out-of-order? b) (may-divide-by-0? question)))
                 (or (same? c) (and (out-of-order? c) (out-of-order? (goal-by-goal ask-shuffled)))))
            (cond ((any mixed? (list a b c)) 'mixed)
                  ((out-of-order? c) 'out-of-order)
                  ((null? right) 'none)
                  (else #f))
            `((nested-loops ,right) (planned ,a) (goal-by-goal ,b)
              ,@(if (equal? a c) '() `((in-another-order ,shuffled ,c))))))))

;;; Order and limit.

(define (rank value)
  (cond ((not value) 0) ((real? value) 1) ((string? value) 2) (else 3)))

(define (value-before? a b)
  (if (= (rank a) (rank b))
      (match a
        (#f #f)
        ((? real?) (< a b))
        ((? string?) (string<? a b))
        (_ (string<? (symbol->string a) (symbol->string b))))
      (< (rank a) (rank b))))

(define (keys-of answer shown keys)
  "What ANSWER has for KEYS, a list of (DIRECTION VARIABLE); now as the time that it is."
  (map (match-lambda
         ((_ key)
          (let ((value (list-ref answer (list-index (lambda (x) (eq? x key)) shown))))
            (if (eq? value 'now) (or (current-moment) random-herd-present) value))))
       keys))

(define (keys-before? a b keys)
  (match keys
    (() #f)
    (((direction _) . rest)
     (let ((smaller? (value-before? (car a) (car b))) (greater? (value-before? (car b) (car a))))
       (cond (smaller? (eq? direction '<))
             (greater? (eq? direction '>))
             (else (keys-before? (cdr a) (cdr b) rest)))))))

(define (among? answers all)
  "True where each of ANSWERS, texts in order, is one of ALL, likewise, as often as it is there."
  (match (list answers all)
    ((() _) #t)
    ((_ ()) #f)
    (((a . as) (b . bs)) (if (string=? a b) (among? as bs) (among? answers bs)))))

(define (ordered-question question random)
  "QUESTION in an order of what it shows, or the first of its answers, or both: two values, and the keys
and how many answers at most, or #f."
  (match question
    (('run* shown goal)
     (let* ((keys (map (lambda (_) (list (one-of '(< >) random) (one-of shown random)))
                       (iota (random 3))))
            (limit (and (or (null? keys) (chance? 50 random)) (+ 1 (random 5))))
            (ordered (if (null? keys) goal `(ordero ,keys ,goal))))
       (values `(run* ,shown ,(if limit `(limito ,limit ,ordered) ordered)) keys limit)))))

(define (order-difference question random rows)
  "How QUESTION is answered in an order by RANDOM, where that is not right: a list; else #f."
  (define shown (cadr question))
  (define right (and (pair? shown) (by-nested-loops question rows identity)))
  (define (wrong ordered keys limit)
    (define in-order
      (sort (map (lambda (answer) (keys-of answer shown keys)) right)
            (lambda (a b) (keys-before? a b keys))))
    (define first-ones (if limit (take in-order (min limit (length in-order))) in-order))
    (define (right? answers)
      (or (mixed? answers)
          (and (not (eq? 'error (and (pair? answers) (car answers))))
               (equal? first-ones (map (lambda (answer) (keys-of answer shown keys)) answers))
               (among? (sorted answers) (sorted right)))))
    (let* ((ask (asked ordered))
           (a (outcome identity (ask)))
           (b (outcome identity (parameterize ((current-planner plan-waiting)) (ask)))))
      (and (not (and (right? a)
                     (or (right? b) (and (out-of-order? b) (may-divide-by-0? question)))))
           `((question ,ordered) (keys-in-order ,first-ones) (planned ,a) (goal-by-goal ,b)))))
  (and right
       (call-with-values (lambda () (ordered-question question random)) wrong)))

;;; Cases.

(define (case-random number)
  (let ((state (seed->random-state (+ 7919 number))))
    (lambda (n) (random n state))))

(define (fault found)
  ;; What FOUND, a difference, is like: a question may be wrong in another way without one of its goals.
  (match found
    (((_ right) . others)
     (map (lambda (other)
            (match (last other)
              (('error message) (string-take message (min 6 (string-length message))))
              (answers (equal? answers right))))
          others))
    (_ #f)))

(define (shrunk question rows)
  "QUESTION, of which answers differ, without what does not matter for that."
  (define first-found (difference question question rows))
  (define wanted (fault first-found))
  (let again ((question question) (found first-found))
    (let try ((smaller (smaller-questions question)))
      (match smaller
        (() (values question found))
        ((smaller . rest)
         (let ((found (difference smaller smaller rows)))
           (if (and (pair? found) (equal? (fault found) wanted))
               (again smaller found)
               (try rest))))))))

(define (show-difference number question found herd)
  (format #t "case ~a: of (call-with-random-herd ~a ...)~a~%" number herd
          (if (current-moment) (format #f " at ~a" (current-moment)) ""))
  (pretty-print question)
  (for-each (match-lambda
              ((way . outcome)
               (let ((text (object->string outcome)))
                 (format #t "  ~a: ~a~%" way (substring text 0 (min 400 (string-length text)))))))
            found)
  (force-output))

(define (ask-case number rows-at herd)
  "Ask question NUMBER, and show it where answers differ; return what difference does.  ROWS-AT, a time or
#f -> a procedure, are those of the HERD, a number."
  (let* ((random (case-random number))
         (moment (and (chance? 15 random) (+ 3 (random 8))))
         (rows (rows-at moment)))
    (parameterize ((current-moment moment))
      ;; One that has an answer, if there soon is one.
      (let again ((tries 4))
        (let ((question (random-question random)))
          (if (and (positive? tries) (null? (or (by-nested-loops question rows) '())))
              (again (- tries 1))
              (ask-at-moment number question random rows herd)))))))

(define (ask-at-moment number question random rows herd)
  (let* ((shuffled (if (looks-at-values? question) question (shuffled-question question random)))
         (found (difference question shuffled rows)))
    (cond
     ((pair? found)
      (call-with-values (lambda () (shrunk (if (assq 'in-another-order found) shuffled question) rows))
        (lambda (smaller smaller-found)
          (if (pair? smaller-found)
              (show-difference number smaller smaller-found herd)
              (show-difference number question found herd))))
      found)
     ((and (not found) (chance? 30 random) (order-difference question random rows))
      => (lambda (found)
           (show-difference number question found herd)
           found))
     (else found))))

(define (ask-all)
  "Ask all questions; return an alist of what came of them to how many there are of it."
  (define counts '())
  (define (count! what)
    (set! counts (assoc-set! counts what (+ 1 (or (assoc-ref counts what) 0)))))
  (let loop ((number first-case))
    (when (< number (+ first-case cases))
      (let* ((herd (quotient number cases-per-herd))
             (end (min (+ first-case cases) (* cases-per-herd (+ herd 1)))))
        (call-with-random-herd herd
          (lambda (path)
            (define reader (open-reader path))
            (define rows (rows-reader reader))
            (define (rows-at moment)
              (lambda (name) (rows name moment)))
            (open-herd path)
            (for-each (lambda (number)
                        (let ((found (ask-case number rows-at herd)))
                          (count! (cond ((pair? found) 'different) (else (or found 'same))))))
                      (iota (- end number) number))
            (close-herd)
            (close-reader reader)))
        (loop end))))
  counts)

(define (rows-reader reader)
  "A procedure: the name of a relation of the store, a moment or #f -> its rows then, read once; #f for
other names."
  (define found (make-hash-table))
  (lambda (name moment)
    (match (hash-get-handle found (cons name moment))
      ((_ . rows) rows)
      (#f (let ((rows (if moment (plain-rows-at reader name moment) (plain-rows reader name))))
            (hash-set! found (cons name moment) rows)
            rows)))))

(test-suite "planner property"
  (parameterize ((current-present random-herd-present))
    (let ((counts (ask-all)))
      (format #t "~s~%" counts)
      (test-equal "all ways to answer a question agree" 0 (or (assq-ref counts 'different) 0))
      (test-assert "many questions have answers"
        ;; Of a few nothing can be told.
        (or (< cases 100) (> (or (assq-ref counts 'same) 0) (/ cases 2)))))))
