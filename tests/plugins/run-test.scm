;;; run-test.scm -- what the receiver makes of a run's reports.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog error)
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins run) #:prefix plugin:)
             (sheepdog test)
             (srfi srfi-64))

(define id "0190163d-8694-739b-aea5-966c26f8ad91")

(define* (receive-run data #:key (status 'unknown) (summary "") time)
  (receive-report plugin:run
                  (report "backup" #:status status #:summary summary #:time time
                          #:data (acons "run" id data))))

(define (failure data)
  (with-exception-handler exception->text
    (lambda () (receive-report plugin:run (report "backup" #:data data)))
    #:unwind? #t))

(define whole-end
  '(("phase" . "end") ("outcome" . "failed") ("argv" . #("borg" "create")) ("user" . "root")
    ("directory" . "/export") ("started" . 1699999000.5) ("duration" . 12.25) ("exit" . 2)
    ("user-cpu" . 3.5) ("system-cpu" . 0.5) ("peak-memory" . 1048576) ("attempts" . 3)
    ("stdout" . (("text" . "hello") ("bytes" . 5) ("omitted" . 0)))
    ("stderr" . (("base64" . "/w==") ("bytes" . 100) ("omitted" . 99)))))

(test-suite "run"
  (test-equal "a start is a run, and no status"
    (list (run id 'start #:started 1700000000 #:lease 150 #:argv #("borg" "create") #:user "root"
               #:directory "/"))
    (receive-run '(("phase" . "start") ("argv" . #("borg" "create")) ("user" . "root")
                   ("directory" . "/") ("started" . 1700000000) ("lease" . 150))
                 #:status 'ok))

  (test-equal "a renewal is its lease"
    (list (run id 'renew #:lease 150))
    (receive-run '(("phase" . "renew") ("lease" . 150))))

  (test-equal "an end carries all that was measured, and its status"
    (list (run id 'end #:outcome 'failed #:started 1699999000.5 #:ended 1699999012.75 #:exit 2
               #:user-cpu 3.5 #:system-cpu 0.5 #:peak-memory 1048576 #:output-bytes 105
               #:argv #("borg" "create") #:user "root" #:directory "/export" #:attempts 3)
          (status 'critical))
    (receive-run whole-end #:status 'critical #:summary "exit 2"))

  (test-equal "the wrapper's status counts: some exits are warnings"
    (list (status 'warning))
    (cdr (receive-run whole-end #:status 'warning)))

  (test-equal "without one the outcome counts"
    '(ok critical critical)
    (map (lambda (outcome)
           (vector-ref (cadr (receive-run `(("phase" . "end") ("outcome" . ,outcome)))) 1))
         '("succeeded" "failed" "timed-out")))

  (test-equal "without a duration it ended when the report was made"
    1700000500
    (vector-ref (car (receive-run '(("phase" . "end") ("outcome" . "succeeded"))
                                  #:time 1700000500))
                5))

  (test-equal "a signal, a failed start"
    '(9 "no such file")
    (list (vector-ref (car (receive-run '(("phase" . "end") ("outcome" . "failed")
                                          ("signal" . 9))))
                      8)
          (vector-ref (car (receive-run '(("phase" . "end") ("outcome" . "failed")
                                          ("error" . "no such file"))))
                      9)))

  (test-equal "a cancelled run says nothing about its service"
    (list (run id 'end #:outcome 'cancelled #:ended 1700000000))
    (receive-run '(("phase" . "end") ("outcome" . "cancelled")) #:status 'unknown))

  (test-equal "nor does one of which nothing is known"
    (list (run id 'end #:outcome 'unknown #:ended 1700000000))
    (receive-run '(("phase" . "end") ("outcome" . "unknown")) #:status 'unknown))

  (test-equal "a vanished run is critical"
    (list (run id 'vanished #:outcome 'vanished #:started 1699999000 #:ended 1700000000)
          (status 'critical "vanished: it was started, and nothing told its end; its command may still run"))
    (receive-run '(("phase" . "vanished") ("started" . 1699999000))))

  (test-equal "somebody is to be told"
    (list (run id 'end #:outcome 'succeeded #:ended 1700000000)
          (status 'ok)
          (event 'inform '(("who" . "alice"))))
    (receive-run '(("phase" . "end") ("outcome" . "succeeded") ("inform" . "alice"))
                 #:status 'ok))

  (test-equal "null members are absent ones"
    (list (run id 'start))
    (receive-run '(("phase" . "start") ("user" . null) ("lease" . null))))

  (test-equal "no run"
    "a run's report has no run"
    (failure '(("phase" . "start"))))
  (test-equal "no phase"
    "a run's report has no phase"
    (failure `(("run" . ,id))))
  (test-equal "no outcome"
    "a run's report has no outcome"
    (failure `(("run" . ,id) ("phase" . "end"))))
  (test-equal "a phase that is none"
    "phase of a run is \"stop\", it must be start, renew, end, vanished"
    (failure `(("run" . ,id) ("phase" . "stop"))))
  (test-equal "a member of the wrong type is named"
    "stdout.bytes of a run is \"many\", it must be a number of bytes"
    (failure `(("run" . ,id) ("phase" . "end") ("outcome" . "failed")
               ("stdout" . (("bytes" . "many"))))))
  (test-equal "a command that is none"
    "argv of a run is \"borg create\", it must be an array of strings"
    (failure `(("run" . ,id) ("phase" . "start") ("argv" . "borg create")))))
