;;; runs.scm -- questions about jobs: what did not run, ran long, said nothing, or ran again and again.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-question (backups-missing
                  (service text "*backup*" "Services that make backups; * is any text.")
                  (days days 7 "So long without a success."))
  "Which hosts have had no successful backup in the last week, and when was the last one?"
  (run* (host last)
    (hosto host)
    (conde ((maxo last (ended id job started exit)
              (runo id host job 'succeeded started ended exit) (matcheso job service))
            (<o last (ago days)))
           ((noto (fresh (id job started ended exit)
                    (runo id host job 'succeeded started ended exit) (matcheso job service)))
            (== last 'never)))))

(define-question (failed-lately
                  (days days 1 "So far back."))
  "Which jobs ended otherwise than well in the last day, how, and with what exit status?"
  (run* (host service outcome exit ended)
    (ordero ((> ended))
      (fresh (id started)
        (runo id host service outcome started ended exit)
        (=/= outcome 'succeeded) (=/= outcome 'running)
        (>o ended (ago days))))))

(define-question (longest-runs
                  (days days 7 "Runs that ended so far back, and those that last.")
                  (top count 10 "So many at most."))
  "Which ten runs of jobs took longest in the last week?"
  (run* (host service outcome started took)
    (limito top
      (ordero ((> took))
        (fresh (id ended exit)
          (runo id host service outcome started ended exit)
          (>o ended (ago days))
          (durationo started ended took))))))

(define-question (jobs-slow
                  (factor number 2 "So many times as long as usual.")
                  (days days 30 "What is usual: the median of so long."))
  "Which jobs now take twice as long as their median of the last month?"
  (run* (host service started took usual)
    (fresh (id ended exit limit)
      (groupo (host service) ((mediano usual seconds) (maxo started began)) (seconds began over run status)
        (runo run host service 'succeeded began over status)
        (>o began (ago days)) (durationo began over seconds))
      (runo id host service 'succeeded started ended exit)
      (durationo started ended took)
      (timeso usual factor limit) (>=o took limit))))

(define-question (runs-without-output
                  (days days 30 "So far back."))
  "Which job runs produced no output at all, though they usually do?"
  (run* (host service started usual)
    (fresh (id ended exit user system memory)
      (run-useo id user system memory 0)
      (runo id host service 'succeeded started ended exit)
      (>o started (ago days))
      (mediano usual (bytes run outcome began over status cpu kernel space)
        (runo run host service outcome began over status) (run-useo run cpu kernel space bytes))
      (>o usual 0))))

(define-question (restarted-often
                  (times count 3 "More often than this.")
                  (days days 30 "So far back."))
  "What was started more than three times on the same day, and with what exit statuses did it end?"
  (run* (host service day exit ends)
    (fresh (all)
      (groupo (host service day) ((counto all)) (id outcome started ended status)
        (runo id host service outcome started ended status) (>o ended (ago days)) (dayo ended day))
      (>o all times)
      (groupo (host service day exit) ((counto ends)) (id outcome started ended)
        (runo id host service outcome started ended exit) (dayo ended day)))))
