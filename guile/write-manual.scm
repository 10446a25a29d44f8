;;; write-manual.scm VERSION FILE -- at build time: write the man page sheepdog-relations(7).
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog query reference)
             (sheepdog query reference-text))

(match (command-line)
  ((_ version file)
   (call-with-output-file file
     (lambda (port) (write-manual (reference-groups) version port))
     #:encoding "UTF-8")))
