;;; failure-place.scm -- says where in a plugin's file an error came from.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog failure-place)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (system vm frame)
  #:use-module (system vm program)
  #:export (call-naming-place))

(define (frame-place frame file)
  ;; "FILE:LINE:COLUMN" of FRAME where its code is of FILE, else #f.
  (let ((source (frame-source frame)))
    (and source
         (let ((where (source:file source)))
           (and (string? where)
                (or (string-suffix? where file) (string-suffix? file where))
                (format #f "~a:~a:~a" file (source:line-for-user source)
                        (+ 1 (source:column source))))))))

(define (innermost-place stack file)
  (let loop ((i 0))
    (and (< i (stack-length stack))
         (or (frame-place (stack-ref stack i) file)
             (loop (+ i 1))))))

(define (call-naming-place file thunk)
  "Call THUNK and return what it returns.  An error that it raises while code of FILE runs is raised
as a &plugin-error whose message begins with FILE:LINE:COLUMN; FILE must have been compiled."
  (with-exception-handler
      (lambda (exception)
        (let ((place (and file (innermost-place (make-stack #t) file)))
              (late? (and (exception? exception)
                          (eq? 'step-too-long (exception-kind exception)))))
          (cond
           ((quit-exception? exception) (raise-exception exception))
           (late? (raise-plugin-error 'file "~a: this step takes too long; a daemon would end it"
                                      (or place file)))
           (place (raise-plugin-error 'file "~a: ~a" place (exception->text exception)))
           (else (raise-exception exception)))))
    thunk))
