;;; quantity-test.scm -- which variables of a question are times, lengths of time and sizes
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog query asking quantity)
             (sheepdog query asking question)
             (sheepdog test)
             (srfi srfi-64))

;; Of the question FORMS.
(define (quantities forms)
  (question-quantities forms (question-run forms)))

(define problemo
  '(define-relation (problemo host service since) "What is bad."
     (conde ((statuso host service 'warning since)) ((statuso host service 'critical since)))))

(test-suite "quantity"
  (test-equal "times stand where relations have times"
    '((since . time) (until . time) (t . time))
    (quantities
     '((run* (h s since until t x)
         (conde ((interruptiono h s since until) (sampleo h 'k t v))
                ((runo i h s o 5 ended x)))))))
  (test-equal "one of several times is a time, their sum is none; a sum of lengths is a length"
    '((last . time) (total . length))
    (quantities
     '((run* (h last n total sum)
         (maxo last (until h s since) (interruptiono h s since until))
         (groupo (h) ((counto n) (sumo total seconds) (sumo sum since)) (since until seconds)
           (interruptiono h "x" since until) (durationo since until seconds))))))
  (test-equal "what a relation of one's own tells, whatever its variables are called there"
    '((when . time))
    (quantities (list problemo '(run* (h s when) (problemo h s when)))))
  (test-equal "a variable is not what another one of its name is"
    '()
    (quantities
     (list problemo
           '(run* (h since)
              (fresh (s x) (problemo h s x))
              (fresh (since) (statuso h "web" 'ok since))
              (facto h 'host.memory since)))))
  (test-equal "what is equal to a time, or computed from one"
    '((a . time) (b . time) (c . time) (d . length))
    (quantities
     '((run* (a b c d e)
         (statuso h s st since) (== since a) (== b (ago (days 1))) (pluso a 60 c)
         (withino a b c 'now d) (pluso d 5 e)))))
  (test-equal "what is added to a time"
    '((since . time) (until . time) (d . length) (before . time))
    (quantities
     '((run* (since until d before n)
         (interruptiono h s since until) (pluso since d until) (pluso (hours 1) before until) (pluso 1 n 3)))))
  (test-equal "what is compared with one"
    '((boot . time) (memory . size) (disk . size) (spare . size) (age . length))
    (quantities
     '((run* (boot memory disk spare age n)
         (facto h 'boot boot) (<o boot (ago (days 30)))
         (facto h 'host.memory memory) (<=o (gibibytes 4) memory)
         (sampleo h 'disk t disk) (betweeno disk least (tebibytes 1)) (betweeno (gibibytes 1) (gibibytes 2) spare)
         (facto h 'age age) (== age (days 3))
         (facto h 'n n) (>o n 5)))))
  (test-equal "sizes and lengths, and what is computed from them"
    '((cpu . length) (memory . size) (printed . size) (sum . size) (most . size) (longer . length) (left . size))
    (quantities
     '((run* (cpu memory printed sum kilobytes most longer left)
         (run-useo id cpu system memory printed)
         (pluso memory printed sum) (pluso cpu (hours 1) longer) (pluso left 5 printed)
         ;; It may be another unit.
         (timeso kilobytes 1000 memory)
         (maxo most (m u s o) (run-useo id u s m o))))))
  (test-equal "of the run that is asked, wherever it is"
    '((t . time))
    (quantities '((map car (sort (run* (t) (statuso h s st t)) <)))))
  (test-equal "what Scheme binds is another one, too"
    '((t . time))
    (quantities '((run* (t x y)
                    (statuso h s st t)
                    (match '(5) ((t) (== t x)))
                    (do ((t 0 (+ t 1))) ((> t 3)) (== t y))))))
  (test-equal "none in other forms"
    '() (quantities '((run* (a b) (interruptiono a b) (f . g) #(1) (hosto a))))))
