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
