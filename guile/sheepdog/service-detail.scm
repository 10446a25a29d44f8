;;; service-detail.scm -- one service with all that is of interest about it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog service-detail)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog herd-state)
  #:use-module (sheepdog shown-text)
  #:use-module (sheepdog table)
  #:use-module (sheepdog unit)
  #:export (detail-columns service-detail print-service-detail))

(define detail-columns
  ;; What `service-detail' returns, by name.
  '(owner due incident last_run changes))

(define changes-shown 8)

(define (service-detail reader state)
  "What more there is to say in READER of the service of STATE, in the order of `detail-columns', as
JSON has it."
  (define id (service-state-id state))
  (list (or (service-owner reader id) 'null)
        (or (expected reader id) 'null)
        (match (open-incident reader id)
          (#f 'null)
          ((opened status told)
           `(("since" . ,opened) ("status" . ,status) ("told" . ,(list->vector told)))))
        (or (last-run reader id) 'null)
        (list->vector
         (map (match-lambda
                ((status since until summary)
                 `(("status" . ,status) ("since" . ,since) ("until" . ,(or until 'null))
                   ("summary" . ,summary))))
              (recent-states reader id changes-shown)))))

(define (line name template . arguments)
  (format #t "  ~10a~a~%" name (one-line (apply format #f template arguments))))

(define (print-service-detail reader state)
  "Print what there is to say in READER of the service of STATE."
  (define id (service-state-id state))
  (define status (service-state-status state))
  (define since (service-state-since state))
  (if status
      (format #t "~a/~a: ~a since ~a (~a)~%"
              (one-line (service-state-host state)) (one-line (service-state-service state))
              (status-text status) (format-time since) (format-since since))
      (format #t "~a/~a: nothing was said of its status yet~%"
              (one-line (service-state-host state)) (one-line (service-state-service state))))
  (unless (string-null? (service-state-summary state))
    (format #t "  ~a~%" (one-line (service-state-summary state))))
  (newline)
  (match (open-incident reader id)
    (#f #t)
    ((opened worst told)
     (line "incident" "open since ~a (~a), at worst ~a; ~a" (format-time opened)
           (format-since opened) worst
           (match told
             (() "nobody was told")
             (names (format #f "told ~{~a~^, ~}" names))))))
  (when (service-state-running-since state)
    (line "running" "for ~a" (format-since (service-state-running-since state))))
  (when (service-state-time state)
    (line "heard" "~a (~a), through the plugin ~a~a" (format-time (service-state-time state))
          (format-ago (service-state-time state)) (service-state-plugin state)
          (if (service-state-plugin-unknown? state) ", which the server does not have" "")))
  (let ((due (expected reader id)))
    (when due (line "due" "~a" (format-time due))))
  (let ((owner (service-owner reader id)))
    (when owner (line "owner" "uid ~a, who reported it first" owner)))
  (let ((run (last-run reader id)))
    (when run (print-run run)))
  (match (recent-states reader id changes-shown)
    (() #t)
    ((_) #t)
    (states (print-changes states))))

(define (print-run run)
  (define (ref name) (assoc-ref run name))
  (newline)
  (line "last run" "~a ~a~a~a" (format-time (or (ref "started") (ref "ended")))
        (ref "outcome")
        (cond ((ref "error") => (lambda (text) (format #f " (~a)" text)))
              ((ref "signal") => (lambda (n) (format #f " (signal ~a)" n)))
              ((ref "exit") => (lambda (n) (format #f " (exit status ~a)" n)))
              (else ""))
        (if (and (ref "started") (ref "ended"))
            (format #f " after ~a" (format-seconds (max 0 (- (ref "ended") (ref "started")))))
            ""))
  (when (ref "argv") (line "command" "~a" (shell-command (ref "argv"))))
  (when (ref "user")
    (line "as" "~a~a" (ref "user")
          (if (ref "directory") (string-append " in " (ref "directory")) "")))
  (when (ref "user-cpu")
    (line "used" "~a CPU~a" (format-seconds (+ (ref "user-cpu") (or (ref "system-cpu") 0)))
          (if (ref "peak-memory")
              (string-append ", at most " (format-bytes (ref "peak-memory")))
              "")))
  (when (ref "output")
    (format #t "~%  It printed:~%")
    (for-each (lambda (text) (format #t "  | ~a~%" (one-line text)))
              (string-split (string-trim-right (ref "output")) #\newline))))

(define (print-changes states)
  (format #t "~%  Changes, the newest first:~%")
  (print-table '("  since" for status summary)
               (map (match-lambda
                      ((status since until summary)
                       (list (string-append "  " (format-time since))
                             (if until (format-seconds (- until since)) (format-since since))
                             status summary)))
                    states)))
