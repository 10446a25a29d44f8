;;; comparison-text.scm -- comparisons of texts: patterns, parts, and versions.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Each is described as those of comparison.scm are.
(define-module (sheepdog query comparison-text)
  #:use-module (sheepdog core)
  #:use-module (sheepdog query comparison)
  #:use-module (sheepdog query glob)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query written)
  #:export (matcheso containso version<o guix-version<o))

(define (complain comparison argument right value)
  (raise-about (operation-written comparison) "~a: ~a must be ~a, not ~a"
               (operation-name comparison) argument right (describe-term value)))

(define (text-in comparison argument value)
  "VALUE of ARGUMENT if it is a string; #f where it is what the store may have instead."
  (cond ((string? value) value)
        ((or (not value) (real? value)) #f)
        (else (complain comparison argument "a string" value))))

(define (text-to-find comparison argument right value)
  "VALUE of ARGUMENT, which is to be RIGHT, if it is a string; #f where it is none and that is no mistake."
  (cond ((string? value) value)
        ((or (not value) (operation-lenient? comparison)) #f)
        (else (complain comparison argument right value))))

(define-comparison (matcheso text pattern)
  "The string TEXT matches PATTERN, where * is any text, ? any character, [a-z] one of these and
[^a-z] none of these.  A number matches nothing."
  (run* (host service)
    (fresh (status since)
      (statuso host service status since)
      (matcheso service "disk *")))
  (lambda (comparison text pattern)
    (let ((text (text-in comparison 'text text))
          (pattern (text-to-find comparison 'pattern "a string such as \"web*\"" pattern)))
      (and text pattern (glob-matches? pattern text)))))

(define-comparison (containso text part)
  "The string PART is somewhere in the string TEXT, in the same letters.  A number contains nothing."
  (run* (host summary)
    (fresh (id service time plugin status)
      (reporto id host service time plugin status summary)
      (containso summary "exit")))
  (lambda (comparison text part)
    (let ((text (text-in comparison 'text text))
          (part (text-to-find comparison 'part "a string such as \"error\"" part)))
      (and text part (string-contains text part) #t))))

(define (older-by compare)
  "What tells whether a version is older than another one by COMPARE, which returns a number."
  (lambda (comparison a b)
    (define (version argument value)
      (text-to-find comparison argument "a string such as \"1.22.1-9\"" value))
    (let ((a (version 'a a)) (b (version 'b b)))
      (and a b (negative? (compare a b))))))

(define-comparison (version<o a b)
  "The version A is older than B in Debian's order, as dpkg --compare-versions has it."
  (run* (host version)
    (fresh (since until)
      (package-duringo host "nginx" version since until)
      (version<o version "1.20")))
  (older-by %version-compare))

(define-comparison (guix-version<o a b)
  "The version A is older than B in the order of Guix, as its version>? has it."
  (run* (host kernel)
    (facto host 'host.kernel kernel)
    (guix-version<o kernel "6.1.0-20"))
  (older-by %guix-version-compare))
