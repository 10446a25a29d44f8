;;; moment-test.scm -- questions about the herd as it was at an earlier time
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog query)
             (sheepdog small-herd)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define (sorted rows)
  (sort (map object->string rows) string<?))

(define (then rows time)
  "ROWS, which end with since and until, as they were at TIME."
  (filter-map (lambda (row)
                (match (take-right row 2)
                  ((since until)
                   (and (<= since time)
                        (append (drop-right row 1)
                                (list (if (or (eq? until 'now) (> until time)) 'now until)))))))
              rows))

(define (lasting rows)
  ;; Of ROWS, which end with since and until, those that last.
  (filter (lambda (row) (eq? 'now (last row))) rows))

(test-suite "moment"
  (call-with-small-herd
   (lambda (path)
     (open-herd path)
     (let ((states (run* (h v status since until) (stateo h v status since until)))
           (facts (run* (h k v since until) (fact-duringo h k v since until)))
           (interruptions (run* (h v since until) (interruptiono h v since until)))
           (changes (delete-duplicates
                     (run* (time)
                       (fresh (h v s)
                         (conde ((stateo h v s time time))
                                ((fresh (until) (stateo h v s time until)))
                                ((fresh (k until) (fact-duringo h k v time until)))
                                ((fresh (k since) (fact-duringo h k v since time)))))))))
       (for-each
        (lambda (moment)
          (parameterize ((current-moment moment))
            (let ((name (lambda (what) (format #f "~a, ~a" what moment))))
              (test-equal (name "states")
                (sorted (then states moment))
                (sorted (run* (h v status since until) (stateo h v status since until))))
              (test-equal (name "statuses")
                (sorted (map (lambda (row) (take row 4)) (lasting (then states moment))))
                (sorted (run* (h v status since) (statuso h v status since))))
              (test-equal (name "facts")
                (sorted (map (lambda (row) (take row 3)) (lasting (then facts moment))))
                (sorted (run* (h k v) (facto h k v))))
              (test-equal (name "interruptions")
                (sorted (then interruptions moment))
                (sorted (run* (h v since until) (interruptiono h v since until)))))))
        ;; At each change, just before it and just behind it.
        (append-map (lambda (time) (list time (- time 1) (+ time 1)))
                    (filter number? changes))))
     (parameterize ((current-moment (- small-herd-now (* 40.2 day))))
       (test-equal "a run that had not ended yet"
         '((running now #f))
         (run* (outcome ended exit)
           (fresh (id service started) (runo id "tux01" service outcome started ended exit))))
       (test-equal "what it used was not known" '() (run* (id cpu) (fresh (s m o) (run-useo id cpu s m o))))
       (test-equal "reports, events and samples that were still to come" '()
         (append (run* (id) (fresh (h v t p s) (reporto id h v t p s "done")))
                 (run* (h t) (fresh (v) (evento h v 'reboot t)))
                 (run* (h t) (fresh (k v) (sampleo h k t v)))))
       (test-equal "now was then"
         (list (- small-herd-now (* 41.2 day)))
         (run* (q) (== q (ago (days 1))) (<o q 'now)))
       (test-equal "a day later there was something new"
         '((critical))
         (parameterize ((current-moment (- small-herd-now (* 39 day))))
           (run* (status) (fresh (since s) (== s (list status)) (statuso "tux01" "backup" status since)))
           (run* (x) (fresh (status since) (== x (list status)) (statuso "tux01" "backup" status since))))))
     (close-herd))))
