;;; machine.scm -- what the kernel knows of this machine and Guile does not ask.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog machine)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:export (file-system-space))

(define (file-system-space path)
  "An alist of the file system that PATH is on: `size', `free' and `available' (to users other than
root) in bytes, `inodes' and `inodes-free' in number.  Errors: &core-error."
  (match (%statvfs path)
    (#(size free available inodes inodes-free)
     `((size . ,size) (free . ,free) (available . ,available)
       (inodes . ,inodes) (inodes-free . ,inodes-free)))))
