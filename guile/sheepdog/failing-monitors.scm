;;; failing-monitors.scm -- which monitors fail, remembered in a file over a restart.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; That a monitor fails is reported once, and so must be its recovery, whichever daemon sees it: one
;;; whose reports go to a broker cannot ask what the store thinks.
(define-module (sheepdog failing-monitors)
  #:use-module (ice-9 match)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:export (open-failing-monitors failing-names failing? set-failing!))

(define-record-type <failing-monitors>
  (make-failing-monitors path names)
  failing-monitors?
  (path failing-path)                       ; of a file with a list of names
  (names failing-names set-failing-names!)) ; list of symbols

(define (attempt path otherwise thunk)
  (with-exception-handler
      (lambda (exception)
        (log-warning "~a: ~a" path (exception->text exception))
        otherwise)
    thunk
    #:unwind? #t))

(define (open-failing-monitors path)
  "The monitors that fail as the file PATH remembers them; none where there is no such file."
  (make-failing-monitors
   path
   (if (file-exists? path)
       (attempt path '()
                (lambda ()
                  (match (call-with-input-file path read)
                    (((? symbol? names) ...) names)
                    (_ '()))))
       '())))

(define (failing? failing name)
  "True where the monitor NAME, a symbol, is one of FAILING."
  (and (memq name (failing-names failing)) #t))

(define (set-failing! failing name fails?)
  "From now on the monitor NAME, a symbol, is one of FAILING if FAILS?, else it is not.  Where the
file cannot be written that is logged, and remembered until the daemon ends."
  (unless (eq? fails? (failing? failing name))
    (set-failing-names! failing (if fails?
                                    (cons name (failing-names failing))
                                    (delete name (failing-names failing))))
    (let* ((path (failing-path failing))
           (new (string-append path ".new")))
      (attempt path #f
               (lambda ()
                 (call-with-output-file new
                   (lambda (port)
                     (write (failing-names failing) port)
                     (newline port)
                     (force-output port)
                     (fsync port)))
                 (rename-file new path))))))
