;;; failure-place.scm -- says where in a plugin's file an error came from.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog failure-place)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog plugin-loader)
  #:use-module (system vm program)
  #:export (call-naming-place find-failure-place))

(define (source-place source file)
  ;; "FILE:LINE:COLUMN" of SOURCE where that is in FILE, else #f.
  (and source
       (let ((where (source:file source)))
         (and (string? where)
              (or (string-suffix? where file) (string-suffix? file where))
              (format #f "~a:~a:~a" file (source:line-for-user source)
                      (+ 1 (source:column source)))))))

(define (innermost-place stack file)
  (let loop ((i 0))
    (and (< i (stack-length stack))
         (or (source-place (frame-source (stack-ref stack i)) file)
             (loop (+ i 1))))))

(define (procedure-place procedure file)
  ;; Where in FILE the PROCEDURE begins, or #f.
  (match (if (program? procedure) (program-sources procedure) '())
    ((source . _) (source-place source file))
    (_ #f)))

(define (late? exception)
  (and (exception? exception) (eq? 'step-too-long (exception-kind exception))))

(define (call-naming-place file procedure thunk)
  "Call THUNK and return what it returns.  An error that it raises while code of FILE runs, or that is
about what PROCEDURE, of FILE, returned, is raised as a &plugin-error whose message begins with
FILE:LINE:COLUMN; FILE must have been compiled."
  (with-exception-handler
      (lambda (exception)
        (let ((place (and file
                          (or (innermost-place (make-stack #t) file)
                              (and (or (plugin-error? exception) (late? exception)
                                       (quit-exception? exception))
                                   (procedure-place procedure file))))))
          (cond
           ((late? exception)
            (raise-plugin-error 'file "~a: this step takes too long; a daemon would end it"
                                (or place file)))
           ;; It is no wish to end this program.
           ((and (not place) (quit-exception? exception))
            (raise-plugin-error 'file "~a" (exception->text exception)))
           (place (raise-plugin-error 'file "~a: ~a" place (exception->text exception)))
           (else (raise-exception exception)))))
    thunk))

(define (find-failure-place plugin role call)
  "\"FILE:LINE:COLUMN\" of what fails in the file of PLUGIN, which is interpreted: CALL, which has
failed, is called again with the plugin as compiled code.  ROLE is the procedure of a plugin that is
called, `plugin-monitor' or `plugin-receiver'.  #f where it does not fail again, or not in that file."
  (define file (plugin-file plugin))
  (define place #f)
  (with-exception-handler (const #f)
    (lambda ()
      (let ((compiled (compile-plugin plugin)))
        (when compiled
          (with-exception-handler
              (lambda (exception)
                (set! place (or (innermost-place (make-stack #t) file)
                                (and (or (plugin-error? exception) (quit-exception? exception))
                                     (procedure-place (role compiled) file))))
                (raise-exception exception))
            (lambda () (call compiled))))))
    #:unwind? #t)
  place)
