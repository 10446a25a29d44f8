;;; message-test.scm -- the message receiver takes a status as it is.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins message) #:prefix plugin:)
             (sheepdog test)
             (srfi srfi-64))

(test-suite "message"
  (test-equal "status is asserted with the report's own summary"
    (list (status 'warning))
    (receive-report plugin:message (report "nightly" #:status 'warning #:summary "slow")))

  (test-equal "a report without status says unknown, not ok"
    (list (status 'unknown))
    (receive-report plugin:message (report "nightly")))

  (test-equal "data mean nothing here"
    (list (status 'ok))
    (receive-report plugin:message (report "nightly" #:status 'ok #:data '((load . 3))))))
