;;; reports.scm -- questions about what is said at all.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-question (reports-per-day
                  (days days 7 "So far back."))
  "How many reports arrive per plugin and day?"
  (run* (plugin day reports)
    (groupo (plugin day) ((counto reports)) (id host service time status summary)
      (reporto id host service time plugin status summary)
      (>o time (ago days))
      (dayo time day))))

(define-question (useless-reports
                  (days days 7 "Reports are counted so far back."))
  "Which plugins have never said anything but ok, and how often did they lately?"
  (run* (plugin reports)
    (fresh ()
      (groupo (plugin) ((counto reports)) (id host service time status summary)
        (reporto id host service time plugin status summary)
        (>o time (ago days)))
      (noto (fresh (id host service status since until summary)
              (stateo host service status since until)
              (=/= status 'ok) (=/= status 'missing)
              (reporto id host service since plugin status summary))))))
