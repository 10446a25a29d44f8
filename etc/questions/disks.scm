;;; disks.scm -- questions about the space that is left.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;; The disk plugin tells the size of each disk as a fact and what is left of it in samples, disk./srv.size
;; and disk./srv.available; a disk that is not mounted any more has samples, but no size.
(define-question (disks-low
                  (percent number 10 "Disks with less than this left, in per cent of their size."))
  "Which disks have less than ten per cent left, by the newest sample of each?"
  (run* (host disk left available measured)
    (ordero (left)
      (fresh (size-key size hundredfold)
        (facto host size-key size) (matcheso size-key "disk.*.size")
        (project (size-key)
          (== disk (string-append (string-drop-right size-key (string-length "size")) "available")))
        (maxo measured (time bytes) (sampleo host disk time bytes))
        (sampleo host disk measured available)
        (timeso available 100 hundredfold) (timeso size left hundredfold)
        (<o left percent)))))

(define-question (disks-filling
                  (within days "14d" "So soon."))
  "Which hosts will fill a disk within two weeks, if it goes on as in the last one?"
  (run* (host disk days-left)
    (fresh (before now lost times)
      (groupo (host disk) ((avgo before bytes)) (bytes time)
        (sampleo host disk time bytes) (matcheso disk "disk.*.available")
        (betweeno time (ago (days 8)) (ago (days 7))))
      (avgo now (bytes time) (sampleo host disk time bytes) (>o time (ago (days 1))))
      (pluso now lost before) (>o lost 0)
      (timeso lost times now) (timeso times 7 days-left) (<o days-left (/ within (days 1))))))

(define-question (disk-before-failure
                  (host host "The host.")
                  (service service "The service that failed there."))
  "Was a disk already filling in the week before a service failed first?"
  (run* (failed disk before then)
    (mino failed (since until) (interruptiono host service since until))
    (groupo (disk) ((avgo before bytes)) (bytes time gap)
      (sampleo host disk time bytes) (matcheso disk "disk.*.available")
      (durationo time failed gap) (betweeno gap (days 6) (days 8)))
    (avgo then (bytes time gap)
      (sampleo host disk time bytes) (durationo time failed gap) (betweeno gap 0 (hours 1)))
    (<o then before)))
