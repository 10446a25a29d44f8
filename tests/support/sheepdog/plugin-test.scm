;;; plugin-test.scm -- a plugin under test: its monitor on a made-up machine, its receiver on what
;;; travelled.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugin-test)
  #:use-module (sheepdog core)
  #:use-module (sheepdog option)
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog report)
  #:use-module (srfi srfi-9 gnu)
  #:export (receive-report))

(define (receive-report plugin report)
  "What the receiver of PLUGIN makes of REPORT, once that has travelled as JSON, from host \"tux\"
where it names none, at 1700000000 where it has no time."
  ((plugin-receiver plugin)
   (set-fields report
     ((report-host) (or (report-host report) "tux"))
     ((report-plugin) (plugin-name plugin))
     ((report-time) (or (report-time report) 1700000000))
     ((report-data) (%json->scm (%scm->json (report-data report)))))))
