;;; shown-text.scm -- text of strangers as it may be shown to people and typed into a shell.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog shown-text)
  #:export (one-line shell-word shell-command))

(define direction-marks
  (apply char-set (map integer->char
                       (append '(#x200e #x200f) (iota 5 #x202a) (iota 4 #x2066)))))

(define (one-line text)
  "TEXT on one line, and without what would move the cursor of a terminal, command it, or show the text
in another order than it has."
  (string-map (lambda (char)
                (cond ((memv char '(#\newline #\tab #\return)) #\space)
                      ((memq (char-general-category char) '(Cc Cs)) #\xfffd)
                      ((char-set-contains? direction-marks char) #\xfffd)
                      (else char)))
              text))

(define plain-characters
  ;; What means nothing to a shell.
  (char-set-union char-set:letter+digit (string->char-set "/._-+:@=,%")))

(define (shell-word text)
  "TEXT as it would be typed into a shell as one word."
  (if (and (not (string-null? text)) (string-every plain-characters text))
      text
      (string-append "'" (string-join (string-split text #\') "'\\''") "'")))

(define (shell-command argv)
  "ARGV, a vector of strings, as it would be typed into a shell."
  (string-join (map shell-word (vector->list argv)) " "))
