;;; finding.scm -- one thing that was found out about Sheepdog itself.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog diagnosis finding)
  #:use-module (srfi srfi-9 gnu)
  #:export (finding finding-part finding-status finding-text finding-advice))

(define-immutable-record-type <finding>
  (make-finding part status text advice)
  finding?
  (part finding-part)        ; string: what was looked at
  (status finding-status)    ; ok | warning | critical | unknown
  (text finding-text)        ; string: what was found
  (advice finding-advice))   ; string: what to do, or #f

(define* (finding part status text #:optional advice)
  "The <finding> that PART of Sheepdog, a string, has STATUS, as TEXT says, with ADVICE where there is
something to do."
  (make-finding part status text advice))
