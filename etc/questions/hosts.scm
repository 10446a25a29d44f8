;;; hosts.scm -- questions about machines: who is silent, who came back, what changed.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-question (silent-hosts
                  (within hours "1h" "For so long."))
  "Who has not reported for an hour, and is it them or us, to whom nobody has reported?"
  (run* (host last whose)
    (fresh (lately)
      (hosto host)
      (noto (fresh (id service time plugin status summary)
              (reporto id host service time plugin status summary) (>=o time (ago within))))
      (maxo last (time id service plugin status summary)
        (reporto id host service time plugin status summary))
      (counto lately (time id other service plugin status summary)
        (reporto id other service time plugin status summary) (>=o time (ago within)))
      (conde ((>o lately 0) (== whose 'them))
             ((== lately 0) (== whose 'us))))))

(define-question (not-back-after-reboot
                  (hours hours "24h" "Reboots so far back."))
  "Which hosts rebooted last night, and which services did not come back?"
  (run* (host rebooted service since)
    (fresh (monitor before)
      (evento host monitor 'reboot rebooted)
      (>o rebooted (ago hours))
      (stateo host service 'ok before since)
      (>=o since rebooted)
      (interruptiono host service since 'now))))

(define-question (changed-before-failure
                  (host host "The host.")
                  (service service "The service that failed there."))
  "What changed on a host between the last good and the first bad report of a service?"
  (run* (key from to changed)
    (fresh (good failed before after)
      (maxo failed (since until) (interruptiono host service since until))
      (maxo good (time id plugin summary)
        (reporto id host service time plugin 'ok summary) (<o time failed))
      (fact-duringo host key to changed after)
      (betweeno changed good failed)
      (fact-duringo host key from before changed))))

(define-question (facts-shared-but-one)
  "Which facts do all hosts share except one?"
  (run* (host key value shared)
    (fresh (all others)
      (counto all (any) (hosto any))
      (groupo (key shared) ((counto others)) (any) (facto any key shared))
      (pluso others 1 all) (>o others 1)
      (facto host key value)
      (=/= value shared))))
