;;; machine.scm -- what the kernel knows of this machine.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog machine)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog task)
  #:export (current-root machine-path machine-file find-number processor-count
            current-file-system-space file-system-space
            process-states))

;; Where the tree of the machine that is looked at begins; tests look at made-up ones.
(define current-root (make-parameter ""))

(define (machine-path path)
  "PATH, an absolute file name of the machine that is looked at, as a file name here."
  (string-append (current-root) path))

(define* (machine-file path #:key (limit (* 16 1024 1024)))
  "The text of the machine's file PATH, #f where it is not there or cannot be read or is longer than
LIMIT bytes.  What is not UTF-8 in it is shown as U+FFFD."
  (with-exception-handler
      (lambda (exception) #f)
    (lambda () (%read-file (machine-path path) limit))
    #:unwind? #t
    #:unwind-for-type &core-error))

(define (find-number text label)
  "The whole number that follows LABEL, spaces between, where LABEL begins a line of TEXT; #f where
there is none."
  (let ((end (string-length text)))
    (define (digit c) (and (char<=? #\0 c #\9) (- (char->integer c) 48)))
    (define (number-at i n)
      (let ((d (and (< i end) (digit (string-ref text i)))))
        (if d (number-at (+ i 1) (+ (* 10 (or n 0)) d)) n)))
    (let search ((from 0))
      (let ((found (string-contains text label from)))
        (cond
         ((not found) #f)
         ((and (> found 0) (not (char=? #\newline (string-ref text (- found 1)))))
          (search (+ found 1)))
         (else
          (let skip ((i (+ found (string-length label))))
            (if (and (< i end) (memv (string-ref text i) '(#\space #\tab)))
                (skip (+ i 1))
                (number-at i #f)))))))))

(define (count-ranges text)
  "How many numbers there are in TEXT, such as \"0-3,8\"; 0 where it is not of this form."
  (apply +
         (map (lambda (range)
                (match (map string->number (string-split range #\-))
                  (((? number?)) 1)
                  (((? number? first) (? number? last)) (+ 1 (- last first)))
                  (_ 0)))
              (string-split (string-trim-both text) #\,))))

(define (processor-count)
  "How many processors of the machine are in use, 1 at least."
  (max 1 (count-ranges (or (machine-file "/sys/devices/system/cpu/online") ""))))

(define (vector->space space)
  (match space
    (#(size free available inodes inodes-free)
     `((size . ,size) (free . ,free) (available . ,available)
       (inodes . ,inodes) (inodes-free . ,inodes-free)))))

(define (ask-space path)
  "Ask the file system of PATH from a task, which waits for the answer."
  (vector->space
   (suspend
    (lambda (resume)
      (%statvfs-start path
                      (lambda (space code message)
                        (resume
                         (lambda ()
                           (or space (raise-core-error "file-system-space" code message))))))
      (const #t)))))

;; How file systems are asked: a procedure of path and timeout; tests answer themselves.
(define current-file-system-space
  (make-parameter
   (lambda (path timeout)
     (if timeout
         (with-timeout timeout (lambda () (ask-space (machine-path path))))
         (vector->space (%statvfs (machine-path path)))))))

(define* (file-system-space path #:key timeout)
  "An alist of the file system that PATH is on: `size', `free' and `available' (to users other than
root) in bytes, `inodes' and `inodes-free' in number.  A file system whose server is gone may never
answer: with TIMEOUT, seconds, the task waits so long at most, and all else goes on.
Errors: &core-error; &timed-out."
  ((current-file-system-space) path timeout))

(define (process-states)
  "A string of one letter for each process of the machine, its state as in /proc/PID/stat: R runs,
S sleeps, D waits for a device, Z is a zombie, and so on.  Errors: &core-error."
  (%process-states (machine-path "/proc")))
