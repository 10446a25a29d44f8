;;; query-test.scm -- relations over the store: against plain SQL, however they are called
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog error)
             (sheepdog plain-rows)
             (sheepdog query)
             (sheepdog query relation)
             (sheepdog question-error)
             (sheepdog small-herd)
             ((sheepdog store) #:hide (select))
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define (same-rows? a b)
  (define (without row rows)
    (match rows
      (() #f)
      ((first . rest) (if (equal? row first) rest (and=> (without row rest) (lambda (r) (cons first r)))))))
  (match a
    (() (null? b))
    ((row . rest) (and=> (without row b) (lambda (b) (same-rows? rest b))))))

;; As it is written in a program, alone.
(define (goal-procedure relation)
  (eval (relation-name relation) (resolve-module '(sheepdog query))))

(define (ask relation terms early?)
  "The values of the arguments of RELATION that are free in TERMS, where the symbol %free is.  Values
are written in the call, or where EARLY? is #f come from a variable."
  (run* (answer)
    (let loop ((terms terms) (made '()) (free '()) (known '()))
      (match terms
        (()
         (fresh ()
           (== answer (reverse free))
           (== (map car known) (map cdr known))
           (apply (goal-procedure relation) (reverse made))))
        (('%free . rest)
         (fresh (new) (loop rest (cons new made) (cons new free) known)))
        ((value . rest)
         (if early?
             (loop rest (cons value made) free known)
             (fresh (new) (loop rest (cons new made) free (acons new value known)))))))))

(define (patterns row)
  "ROW in all its patterns, each a list in which the symbol %free is for what is free."
  (match row
    (() '(()))
    ((value . rest)
     (append-map (lambda (tail) (list (cons value tail) (cons '%free tail))) (patterns rest)))))

(define (matching pattern rows)
  (filter-map (lambda (row)
                (and (every (lambda (wanted value) (or (eq? wanted '%free) (equal? wanted value)))
                            pattern row)
                     (filter-map (lambda (wanted value) (and (eq? wanted '%free) (list value)))
                                 pattern row)))
              rows))

(define (test-relations path)
  (define reader (open-reader path))
  (for-each
   (lambda (relation)
     (define rows (plain-rows reader (relation-name relation)))
     (define name (symbol->string (relation-name relation)))
     (test-assert (string-append name ": there is something to ask") (pair? rows))
     (test-assert (string-append name ": all free, as plain SQL")
       (same-rows? rows (ask relation (map (const '%free) (relation-columns relation)) #t)))
     (test-equal (string-append name ": every pattern of every row, as plain SQL")
       '()
       (filter-map
        (lambda (pattern)
          (let ((expected (map concatenate (matching pattern rows))))
            (and (not (and (same-rows? expected (ask relation pattern #t))
                           (same-rows? expected (ask relation pattern #f))))
                 pattern)))
        (delete-duplicates (append-map patterns rows))))
     (test-assert (string-append name ": its example runs")
       (list? (eval (relation-example relation) (resolve-module '(sheepdog query)))))
     (test-equal (string-append name ": the same question is answered in the same order")
       (ask relation (map (const '%free) (relation-columns relation)) #t)
       (ask relation (map (const '%free) (relation-columns relation)) #t)))
   (store-relations))
  (close-reader reader))

(define gib (gibibytes 1))

(test-suite "query"
  (call-with-small-herd
   (lambda (path)
     (open-herd path)
     (parameterize ((current-present small-herd-now))
       (test-relations path)

       (test-group "the question that all began with"
         (test-equal "interrupted in the last month, on little memory, with exactly this nginx"
           '(("tux01" "backup") ("tux01" "disk /") ("tux01" "disk /"))
           (run* (host service)
             (fresh (memory since until)
               (interruptiono host service since until)
               (>o until (ago (days 30)))
               (facto host 'host.memory memory)
               (<o memory (gibibytes 64))
               (packageo host "nginx" "1.22.1-9"))))
         (test-equal "goals in another order, comparisons first"
           '(("tux01" "backup") ("tux01" "disk /") ("tux01" "disk /"))
           (sort (run* (host service)
                   (fresh (memory since until)
                     (<o memory (gibibytes 64))
                     (>o until (ago (days 30)))
                     (packageo host "nginx" "1.22.1-9")
                     (facto host 'host.memory memory)
                     (interruptiono host service since until)))
                 (lambda (a b) (string<? (cadr a) (cadr b)))))
         (test-equal "what lasts"
           '(("tux01" "disk /"))
           (run* (host service) (fresh (since) (interruptiono host service since 'now)))))

       (test-group "as of now and as of before"
         (test-equal "an uninstalled package is not there now"
           '("tux01" "ærø")
           (run* (host) (packageo host "nginx" "1.22.1-9")))
         (test-equal "and was there before"
           '("tux02" "ærø")
           (run* (host)
             (fresh (since until)
               (fact-duringo host 'package.nginx "1.22.1-9" since until)
               (<=o since (ago (days 40)))
               (>o until (ago (days 40))))))
         (test-equal "with the time when it went"
           (list (list "tux02" (ago (days 3))))
           (run* (host until)
             (fresh (since)
               (package-duringo host "nginx" "1.22.1-9" since until)
               (<o until (ago 0))))))

       (test-group "values"
         (test-equal "a key may be a symbol where it is written"
           (list (* 16 gib)) (run* (memory) (facto "ærø" 'host.memory memory)))
         (test-equal "numbers are equal as SQL has it"
           '("ærø") (run* (host) (facto host "host.memory" (* 16. gib))))
         (test-equal "a date is a time"
           '(#t #t)
           (append (run* (q) (== q #t) (<o (at "2026-01-31Z") (at "2026-01-31 00:00:01Z")))
                   (run* (q) (== q #t) (betweeno 1769817600 (at "2026-01-31Z") (at "2026-01-31Z")))))
         (test-raises "what is no date"
           (question-error-saying "at" "2026-02-31" "2026-10-01 14:30")
           (run* (q) (<o q (at "2026-02-31"))))
         (test-equal "true is 1"
           '("tux02") (run* (host) (facto host 'raid.ok #t)))
         ;; The facts of a host are numbers and strings; whoever may tell one cannot end a question.
         (test-equal "a fact of the other type is in no order"
           '("raid.ok")
           (delete-duplicates
            (run* (key) (fresh (v) (facto "tux02" key v) (<=o v 1) (>=o v -1)))))
         (test-equal "nor one between two"
           '() (run* (v) (facto "tux02" 'host.kernel v) (betweeno v 1 2)))
         (test-equal "quotes in a value are no SQL"
           '() (run* (host) (facto host "' OR 1 = 1 --" "\"; DROP TABLE fact")))
         (test-equal "the same variable twice"
           '() (run* (x) (fresh (v) (facto x x v))))
         (test-equal "a value of another type is in no row"
           '() (run* (q) (fresh (v) (== v 5) (hosto v))))
         (test-equal "a relation about what another one found"
           '("tux01" "tux02" "ærø")
           (sort (run* (host) (fresh (v) (hosto host) (facto host 'host.memory v))) string<?))
         (test-equal "both or either: conde around relations"
           '("tux01" "tux02")
           (sort (run* (host)
                   (conde ((facto host 'packaged.by "hand"))
                          ((facto host 'raid.ok 1))))
                 string<?))
         (test-equal "a choice is about what stands beside it, before it or behind it"
           '((("tux02" more) ("ærø" less)) (("tux02" more) ("ærø" less)))
           (map (lambda (answers) (sort answers (lambda (a b) (string<? (car a) (car b)))))
                (list (run* (h q) (fresh (m)
                                    (facto h 'host.memory m)
                                    (conde ((<o m (* 20 gib)) (== q 'less))
                                           ((>o m (* 100 gib)) (== q 'more)))))
                      (run* (h q) (fresh (m)
                                    (conde ((<o m (* 20 gib)) (== q 'less))
                                           ((conde ((>o m (* 100 gib)))) (== q 'more)))
                                    (facto h 'host.memory m))))))
         (test-equal "choices and what waits for them tell one another, in one of a choice, too"
           '(("tux01" "backup") ("tux02" "backup") ("ærø" "backup"))
           (sort (run* (h s)
                   (hosto h)
                   (conde ((hosto "none"))
                          ((fresh (status)
                             (conde ((== status 'ok)) ((== status 'unknown)))
                             (groupo (s) () (any t) (conde ((statuso h any status t))) (== s any))
                             (conde ((<o s "c") (hosto h)))))))
                 (lambda (a b) (string<? (car a) (car b)))))
         (test-equal "also where it counts"
           '(("tux01" 2) ("tux02" 1) ("ærø" 1))
           (sort (run* (h n)
                   (hosto h)
                   (conde ((fresh () (counto n (s st t) (statuso h s st t)) (== h "tux01")))
                          ((fresh () (=/= h "tux01") (counto n (s st t) (statuso h s st t)) (<o n 2)))
                          ((== n 1) (== h "tux02"))))
                 (lambda (a b) (string<? (car a) (car b)))))
         (test-equal "what a choice looks at is what stands before it"
           '(("tux01" (32)) ("tux02" (128)) ("ærø" (16)))
           (sort (run* (h q) (fresh (m)
                               (facto h 'host.memory m)
                               (conde ((project (m) (== q (list (/ m gib)))) (hosto h))
                                      ((== q 1) (hosto "nobody")))))
                 (lambda (a b) (string<? (car a) (car b))))))

       (test-group "what runs used"
         (test-equal "jobs that printed nothing once, and printed something at another time"
           '(("tux01" "backup"))
           (run* (host service)
             (fresh (id u s m o1 st e ex id2 u2 s2 m2 printed o2 st2 e2 ex2)
               (run-useo id u s m 0)
               (runo id host service o1 st e ex)
               (run-useo id2 u2 s2 m2 printed) (>o printed 0)
               (runo id2 host service o2 st2 e2 ex2))))
         (test-equal "who was killed"
           '(("tux02" "backup" timed-out))
           (run* (host service outcome)
             (fresh (id st e ex) (run-signalo id 9) (runo id host service outcome st e ex))))
         (test-equal "what was not measured is more than nothing"
           1 (length (run* (id) (fresh (u s m o) (run-useo id u s m o) (>o u 1))))))

       (test-group "wrong use names the relation and the argument"
         (test-raises "too few arguments"
           (question-error-saying "facto takes 3 arguments, (facto host key value)" "2")
           (run* (h) (facto h 'host.memory)))
         (test-raises "a symbol for a host"
           (question-error-saying "hosto" "host" "string" "tux01" "write \"tux01\"")
           (run* (q) (hosto 'tux01)))
         (test-raises "a symbol that came to be a host"
           (question-error-saying "hosto" "host" "write \"tux01\"")
           (run* (h) (== h 'tux01) (hosto h)))
         (test-raises "a slip in a status"
           (question-error-saying "statuso" "status" "did you mean 'critical?")
           (run* (h) (fresh (s t) (statuso h s 'critcal t))))
         (test-raises "a status as a string"
           (question-error-saying "statuso" "status" "write 'critical")
           (run* (h) (fresh (s t) (statuso h s "critical" t))))
         (test-raises "a time as text"
           (question-error-saying "interruptiono" "since" "yesterday")
           (run* (h) (fresh (s u) (interruptiono h s "yesterday" u))))
         (test-raises "a list"
           (question-error-saying "facto" "value")
           (run* (h) (facto h 'host.memory (list 1 2)))))

       (test-group "what a run leaves"
         (test-equal "a limit"
           1 (length (run 1 (h s t u) (interruptiono h s t u))))
         (test-equal "no cursor and no snapshot, whether it ends or not"
           '()
           (filter-map
            (match-lambda
              ((name . question)
               (false-if-exception (question))
               ;; While a cursor or a snapshot is open, nothing newer is seen.
               (let ((before (length (run* (h) (hosto h)))))
                 (write-store path '(("INSERT INTO host(name) VALUES(hex(randomblob(8)))")))
                 (and (not (= (+ before 1) (length (run* (h) (hosto h))))) name))))
            `((abandoned . ,(lambda () (run 1 (h k v) (facto h k v))))
              (failed . ,(lambda () (run* (h k v) (facto h k v) (<o v 5))))
              (ended . ,(lambda () (run* (h k v) (facto h k v))))
              (nested . ,(lambda ()
                           (run 1 (h) (hosto h)
                             (project (h) (== 1 (length (run 1 (k v) (facto h k v)))))))))))
         (test-equal "a question sees one moment, the next one the next"
           '(#t 1)
           (let ((counts '()))
             (define (note-hosts!)
               (set! counts (cons (length (run* (h) (hosto h))) counts)))
             (run* (q)
               ;; Its cursor is closed at once, as there is no such host.
               (conda ((hosto "nobody")) (succeed))
               (lambda (state)
                 (note-hosts!)
                 (write-store path '(("INSERT INTO host(name) VALUES('new')")))
                 (note-hosts!)
                 state))
             (list (apply = counts) (- (length (run* (h) (hosto h))) (car counts))))))

       (test-group "herds"
         (test-raises "no store is open"
           (question-error-saying "no store is open" "open-herd")
           (parameterize ((current-herd #f)) (run* (h) (hosto h))))
         (test-raises "no such store" core-error? (open-herd "/nowhere/store.db"))
         (test-equal "a directory's store"
           '("tux01")
           (parameterize ((current-herd #f))
             (let* ((herd (open-herd (dirname path)))
                    (answers (run* (h) (hosto h) (== h "tux01"))))
               (close-herd herd)
               answers)))
         (test-assert "the other one is still open" (pair? (run* (h) (hosto h))))
         (close-herd)
         (test-raises "and closed" question-error? (run* (h) (hosto h))))))))
