;;; interruptions.scm -- questions about what was broken, where and when.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-question (interrupted-with-package
                  (package text "nginx" "The package that runs there.")
                  (version version any "The version of it, exactly as the package manager writes it.")
                  (memory size "8GiB" "Machines with less memory than this.")
                  (days days 30 "So far back."))
  "Which services were interrupted lately on machines with little memory that run a certain package?"
  (run* (host service since until version)
    (fresh (installed)
      (interruptiono host service since until)
      (>o until (ago days))
      (facto host 'host.memory installed)
      (<o installed memory)
      (packageo host package version))))

(define-question (broken-now)
  "What is broken now, and since when?"
  (run* (host service status since)
    (fresh (changed)
      (interruptiono host service since 'now)
      (statuso host service status changed))))

(define-question (broken-together
                  (within seconds "60s" "So long before or after."))
  "What is broken now, and what else broke within a minute of it?"
  (run* (host service since other-host other-service other-since)
    (fresh (other-until gap)
      (interruptiono host service since 'now)
      (interruptiono other-host other-service other-since other-until)
      (=/= (list host service) (list other-host other-service))
      (durationo since other-since gap)
      (betweeno gap (- within) within))))

(define-question (never-interrupted
                  (since time "365d" "In all the time from then on."))
  "Which services were never interrupted this year?"
  (run* (host service)
    (fresh (status changed)
      (statuso host service status changed)
      (noto (fresh (began until)
              (interruptiono host service began until)
              (>o until since))))))

(define-question (longest-down
                  (days days 90 "So far back.")
                  (top count 10 "So many at most."))
  "Which ten services were down longest this quarter, and how often?"
  (run* (host service down times)
    (limito top
      (ordero ((> down))
        (groupo (host service) ((sumo down seconds) (counto times)) (since until seconds)
          (interruptiono host service since until)
          (withino since until (ago days) 'now seconds)
          (>o seconds 0))))))

(define-question (fail-together
                  (days days 90 "So far back.")
                  (times count 3 "Services that failed so often at least.")
                  (within seconds "60s" "So long after each other at most."))
  "Which services always fail together, as often as each other?"
  (run* (host service other-host other-service failures)
    (fresh (first other-first other-until gap)
      (groupo (host service) ((counto failures) (mino first since)) (since until)
        (interruptiono host service since until) (>o since (ago days)))
      (>=o failures times)
      (interruptiono other-host other-service other-first other-until)
      (durationo first other-first gap)
      (betweeno gap (- within) within)
      (groupo (other-host other-service) ((counto failures) (mino other-first since)) (since until)
        (interruptiono other-host other-service since until) (>o since (ago days)))
      (noto (>o host other-host))
      (noto (== host other-host) (>=o service other-service))
      (noto (fresh (since until)
              (interruptiono host service since until) (>o since (ago days))
              (noto (fresh (from to apart)
                      (interruptiono other-host other-service from to)
                      (durationo since from apart) (betweeno apart (- within) within))))))))

(define-question (availability
                  (service service "The service.")
                  (days days 30 "So far back."))
  "How available was a service on each host last month, in per cent, and how much do we know about?"
  (run* (host available known)
    (fresh (good all good-share share)
      (groupo (host) ((sumo all seconds)) (status since until seconds)
        (stateo host service status since until)
        (=/= status 'missing) (=/= status 'unknown)
        (withino since until (ago days) 'now seconds))
      (sumo good (seconds since until)
        (stateo host service 'ok since until) (withino since until (ago days) 'now seconds))
      (timeso all good-share good) (timeso good-share 100 available)
      (timeso days share all) (timeso share 100 known))))
