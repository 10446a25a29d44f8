;;; check.scm -- all that can be seen to be wrong in the text of a question before it is asked.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking check)
  #:use-module (sheepdog query asking fitting)
  #:use-module (sheepdog query asking lengths)
  #:use-module (sheepdog query asking shape)
  #:export (check-question))

(define* (check-question forms #:optional (relations '()))
  "Look through FORMS, a question and what is defined for it, as `read' returned them, beside RELATIONS, calls
of those that were defined before.  Errors: &question-error with the place of a mistake."
  (check-shape forms relations)
  (check-lengths forms)
  (check-fitting forms))
