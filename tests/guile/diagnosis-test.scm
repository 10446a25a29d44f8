;;; diagnosis-test.scm -- what is found, and what to do about it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog diagnosis)
             (sheepdog diagnosis finding)
             (sheepdog diagnosis store)
             (sheepdog test)
             (sheepdog unit)
             (srfi srfi-64))

(setenv "TZ" "UTC")
(tzset)

(define now 1700000000)
(define (before seconds) (- now seconds))

(define (found . groups)
  (map (lambda (f) (list (finding-status f) (finding-text f) (finding-advice f)))
       (look-at-groups groups "ours" now)))

(test-suite "diagnosis"
  (test-equal "who is to be mended for a dead letter"
    '("who sends them" "who sends them" "the receiver /a b/own.scm" "the receiver /own.scm"
      "the receiver of the plugin own" "the receiver of the plugin own")
    (map who-is-to-blame
         '("not JSON at 1" "receiver run: a run's report has no phase"
           "receiver own: /a b/own.scm:3:4: oh no" "receiver own: /own.scm: oh no"
           "receiver own: value 1 that the receiver returned is no assertion"
           "receiver own did not end within 1 s")))
  (test-equal "groups that are at work, that have all, or that are ours"
    '()
    (found (vector "at-work" 100 #t (before (days 2)) 3)
           (vector "has-all" 0 #f (before (days 2)) #f)
           (vector "begins" 0 #t (before 10) #f)
           (vector "ours" 5 #t (before (days 2)) (days 2))))
  (test-equal "a group that was left with what it had taken"
    '((warning "nobody has read as the group gone for 2d, which left 3 reports unacknowledged; the \
broker keeps all reports since 2023-11-11 22:13:20 for it"
               "start its sheepdog-queue-daemon again; where its store is gone for good: redis-cli \
XGROUP DESTROY sheepdog:reports gone"))
    (found (vector "gone" 3 #f (before (days 3)) (days 2))))
  (test-equal "a group that never read"
    '((warning "nobody has read as the group new for 3d; the broker keeps all reports since \
2023-11-11 22:13:20 for it"
               "start its sheepdog-queue-daemon again; where its store is gone for good: redis-cli \
XGROUP DESTROY sheepdog:reports new"))
    (found (vector "new" 0 #t (before (days 3)) #f))))
