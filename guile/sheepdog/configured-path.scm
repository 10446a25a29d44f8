;;; configured-path.scm -- file names in a configuration are relative to its own directory.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog configured-path)
  #:export (current-configuration-directory configured-path))

;; The directory of the configuration that is being evaluated, an absolute name; #f: there is none.
(define current-configuration-directory (make-parameter #f))

(define (configured-path path)
  "PATH as it is written in a configuration, as a file name for who is anywhere: relative to the
directory of the configuration."
  (if (and (current-configuration-directory) (not (absolute-file-name? path)))
      (in-vicinity (current-configuration-directory) path)
      path))
