;;; courier.scm -- sends a process on an errand that must not be done twice.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The courier is a process of its own, so that what it does comes to its end, and is known, though
;;; the daemon that sent it dies meanwhile; see sheepdog-courier.cc.
(define-module (sheepdog courier)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module (sheepdog command)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog task)
  #:export (send-courier recall-courier forget-errand! courier-version))

(define program (string-append prefix-directory "/libexec/sheepdog/sheepdog-courier"))

(define patience 30) ; seconds that a courier may need besides the errand's own timeout

(define (errand-file directory) (string-append directory "/errand"))
(define (outcome-file directory) (string-append directory "/outcome"))

(define (read-outcome directory)
  (and (file-exists? (outcome-file directory))
       (%json->scm (call-with-input-file (outcome-file directory) get-string-all
                                         #:encoding "UTF-8"))))

(define (send-courier directory errand)
  "Send a courier on ERRAND, an alist for JSON with a `timeout' in seconds; wait, and return what came
of it, an alist with string keys.  The errand is kept in DIRECTORY until `forget-errand!'.  Only in a
task.  Errors: &check-failed where the courier brings nothing back."
  (forget-errand! directory)
  (%make-directories directory #o700)
  (call-with-output-file (errand-file directory)
    (lambda (port) (put-string port (%scm->json errand)))
    #:encoding "UTF-8")
  (let ((result (run-command program directory
                             #:timeout (+ patience (assq-ref errand 'timeout)))))
    (or (read-outcome directory)
        (raise-check-failed "the courier came back without an answer~a"
                            (match (string-trim-both (command-result-error result))
                              ("" "")
                              (text (string-append ": " text)))))))

(define (recall-courier directory)
  "What came of the errand in DIRECTORY, on which a daemon before us sent a courier; waits for one that
is still under way.  #f where it never set out or never came back.  Only in a task."
  (let wait ()
    (match (take-back directory)
      ('under-way (sleep 0.1) (wait))
      (_ (read-outcome directory)))))

(define (take-back directory)
  ;; Without its lock an errand is nobody's: taken away, so that no late courier finds it.
  (define (open)
    (catch 'system-error
      (lambda ()
        (let ((port (open-file (errand-file directory) "r")))
          (fcntl port F_SETFD FD_CLOEXEC)
          port))
      (lambda _ #f)))
  (match (open)
    (#f 'gone)
    (port
     (let ((ours? (catch 'system-error
                    (lambda () (flock port (logior LOCK_EX LOCK_NB)) #t)
                    (lambda _ #f))))
       (when ours? (delete-file (errand-file directory)))
       (close-port port)
       (if ours? 'gone 'under-way)))))

(define (forget-errand! directory)
  "Remove what is kept of the errand in DIRECTORY."
  (when (file-exists? directory)
    (for-each (lambda (name) (delete-file (string-append directory "/" name)))
              (scandir directory (lambda (name) (not (member name '("." ".."))))))
    (rmdir directory)))

(define (courier-version)
  "The library that the courier sends mail with, and its version.  Errors: &check-failed."
  (string-trim-right (command-result-output (run-command program "--version"))))
