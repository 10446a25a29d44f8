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
  "Which hosts with something broken have the very same packages as one where nothing is?"
  (run* (host alike)
    (fresh (packages)
      (groupo (host) ((counto packages)) (name version) (packageo host name version))
      (groupo (alike) ((counto packages)) (name version) (packageo alike name version))
      (someo (fresh (service since) (interruptiono host service since 'now)))
      (noto (fresh (service since) (interruptiono alike service since 'now)))
      (noto (fresh (name version) (packageo host name version) (noto (packageo alike name version)))))))
