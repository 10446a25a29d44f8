;;; packages.scm -- questions about what is installed, and what came of it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-question (failed-after-upgrade
                  (within hours "24h" "So long after the upgrade at most.")
                  (days days 30 "So far back."))
  "Which services failed within a day after a package changed on their host, and from what to what?"
  (run* (host service failed package from to upgraded)
    (fresh (until before after gap)
      (interruptiono host service failed until)
      (>o failed (ago days))
      (package-duringo host package to upgraded after)
      (package-duringo host package from before upgraded)
      (durationo upgraded failed gap)
      (betweeno gap 0 within))))

(define-question (kernels-behind)
  "Which hosts run a kernel that is older than another host's of the same distribution?"
  (run* (host kernel distribution)
    (facto host 'host.kernel kernel)
    (facto host 'host.distribution distribution)
    (someo (fresh (other newer)
             (facto other 'host.distribution distribution)
             (facto other 'host.kernel newer)
             (version<o kernel newer)))))

(define-question (alike-but-failing)
  "Which services are broken on a host, and which hosts with the very same packages have no trouble?"
  (run* (host service since alike)
    (fresh (packages)
      (interruptiono host service since 'now)
      (counto packages (name version) (packageo host name version))
      (>o packages 0)
      (groupo (alike) ((counto packages)) (name version) (packageo alike name version))
      (noto (fresh (other began) (interruptiono alike other began 'now)))
      (noto (fresh (name version) (packageo host name version) (noto (packageo alike name version)))))))
