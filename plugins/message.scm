;;; message.scm -- a status with a summary, from anybody.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins message)
  #:use-module (sheepdog plugin))

(define-plugin message
  "Take the status and the summary of a report as they are: what `sheepdog send' sends."
  #:receiver
  (lambda (report)
    (list (status (report-status report)))))
