;;; try-plugin.scm -- sheepdog try-plugin: run a plugin once and show what comes of it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog command try-plugin)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog assertion)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog failure-place)
  #:use-module (sheepdog monitoring)
  #:use-module (sheepdog named-plugin)
  #:use-module (sheepdog option)
  #:use-module (sheepdog plugin)
  #:use-module (sheepdog plugin-loader)
  #:use-module (sheepdog program)
  #:use-module (sheepdog receive)
  #:use-module (sheepdog table)
  #:use-module (sheepdog task)
  #:use-module (sheepdog time-text)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (main text->option-value))

(define time-limit 60)    ; seconds for all rounds
(define patience 2)       ; seconds until it is said that the monitor is waited for
(define shown-at-most 12) ; lines of one value
(define shown-columns 160)

(define-immutable-record-type <trial>
  (make-trial report wire assertions fault)
  trial?
  (report trial-report)          ; <report>, as the receiver got it
  (wire trial-wire)              ; JSON text, as it travels
  (assertions trial-assertions)  ; what the receiver returned, or #f where it raised
  (fault trial-fault))           ; string: what is wrong with that, or #f

(define (main options)
  "Run the plugin that OPTIONS name once; return the exit status: 1 where something in it fails."
  (call-as-program
   "sheepdog"
   (lambda ()
     (watch-plugin-steps!)
     (let* ((plugin
             ;; Compiled code knows where it came from; interpreted code does not.
             (parameterize ((current-evaluator compile-and-run))
               (find-plugin (option options 'file))))
            (monitor (apply monitor plugin (keywords plugin (option options 'option '()))))
            (trials (call-saying-that-it-waits
                      monitor
                      (lambda ()
                        (run-task (lambda () (try-monitor monitor)) #:name "try-plugin")))))
       (if (option options 'json)
           (print-trials-as-json trials)
           (print-trials monitor trials))
       (if (any trial-fault trials) exit-wrong exit-good)))))

;;; Options.

(define (keywords plugin settings)
  ;; What "KEY=VALUE" of SETTINGS mean for PLUGIN, as a list of keywords and values.
  (append-map
   (lambda (setting)
     (match (string-index setting #\=)
       (#f (raise-config-error #f "--option ~a: give it as KEY=VALUE" setting))
       (i
        (let* ((name (string->symbol (substring setting 0 i)))
               (declared (find (lambda (option) (eq? name (option-name option)))
                               (plugin-options plugin)))
               (check (if declared (option-check declared) (const #t))))
          (list (symbol->keyword name)
                (text->option-value (substring setting (+ i 1)) check))))))
   settings))

(define (text->option-value text check)
  "What TEXT of a command line means as the value of an option that passes CHECK: a Scheme datum, a
length of time, TEXT itself or a list of what stands between commas, the first that passes; the datum
where none does."
  (define (datum)
    (catch #t
      (lambda ()
        (call-with-input-string text
          (lambda (port)
            (let ((value (read port)))
              (if (or (eof-object? value) (not (eof-object? (read port)))) text
                  (match value
                    (('quote quoted) quoted)
                    (_ value)))))))
      (const text)))
  (let ((candidates (list (datum) (parse-duration text) text (string-split text #\,))))
    (or (find (lambda (value) (and value (check value))) candidates)
        ;; #f is a value too.
        (car candidates))))

;;; Running.

(define (call-saying-that-it-waits monitor thunk)
  (define timer
    (%timer-start patience
                  (lambda ()
                    (format (current-error-port)
                            "sheepdog: still waiting for the monitor ~a; it may take ~a s~%"
                            (monitor-name monitor) time-limit))))
  (dynamic-wind (const #t) thunk (lambda () (%timer-stop timer))))

(define (try-monitor monitor)
  (define (round state)
    (call-as-plugin-step
     (lambda ()
       (let ((plugin (monitor-plugin monitor)))
         (call-naming-place (plugin-file plugin) (plugin-monitor plugin)
                            (lambda () (run-monitor monitor state)))))))
  (with-timeout time-limit
    (lambda ()
      (call-with-values (lambda () (round #f))
        (lambda (reports state)
          (map (lambda (report) (try-report monitor report))
               (if (and (null? reports) (plugin-stateful? (monitor-plugin monitor)))
                   (begin
                     (sleep 1)
                     (call-with-values (lambda () (round state)) (lambda (reports _) reports)))
                   reports)))))))

(define (try-report monitor report)
  (let ((wire (%report->wire report (gethostname))))
    (match (%intake (list (set-host report)))
      ((intake received)
       (%intake-forget intake)
       (call-receiver (monitor-plugin monitor) received wire)))))

(define (set-host report)
  ((@ (sheepdog report) set-report-host) report
   (or (report-host report) (gethostname))))

(define (call-receiver-once plugin received)
  ;; As in a daemon.
  (call-as-plugin-step
   (lambda ()
     (call-abortable
      (lambda ()
        (call-without-waiting "a receiver" (lambda () ((plugin-receiver plugin) received))))))))

(define (call-receiver plugin received wire)
  (with-exception-handler
      (lambda (exception)
        (make-trial received wire #f (string-append "receiver: " (exception->text exception))))
    (lambda ()
      (let ((assertions (call-naming-place (plugin-file plugin) (plugin-receiver plugin)
                                           (lambda () (call-receiver-once plugin received)))))
        (make-trial received wire (and (list? assertions) assertions)
                    (%assertions-fault received assertions))))
    #:unwind? #t))

;;; Showing.

(define (print-trials monitor trials)
  (define plugin (monitor-plugin monitor))
  (format #t "plugin ~a: ~a~%" (plugin-name plugin) (plugin-doc plugin))
  (for-each (match-lambda
              ((name . value) (format #t "  #:~a ~s~%" name value)))
            (monitor-options monitor))
  (when (null? trials)
    (format #t "~%The monitor made no report.~%"))
  (for-each print-trial trials))

(define (print-trial trial)
  (let ((report (trial-report trial)))
    (format #t "~%~a  ~a  ~a~%" (status-text (report-status report))
            (one-line (report-service report)) (one-line (report-summary report)))
    (unless (null? (report-data report))
      (format #t "  data~%")
      (print-lines (map (match-lambda
                          ((key . value) (format #f "~a: ~a" key (value->json value))))
                        (report-data report))))
    (format #t "  the receiver says~%")
    (when (trial-assertions trial)
      (print-lines (append-map assertion->lines (trial-assertions trial))))
    (when (trial-fault trial)
      (format #t "    ~a~%" (one-line (trial-fault trial))))))

(define (assertion->lines assertion)
  (if (assertion? assertion)
      (match (assertion->list assertion)
        (('facts prefix (? list? alist) . rest)
         (cons (format #f "facts ~a, ~a of them:" prefix (length alist))
               (map (match-lambda
                      ((key . value) (format #f "  ~a ~s" key value))
                      (other (format #f "  ~s" other)))
                    alist)))
        ((kind . fields) (list (format #f "~a~{ ~s~}" kind fields))))
      (list (format #f "~s" assertion))))

(define (value->json value)
  ;; JSON is made of arrays and objects; this takes VALUE out of one again.
  (let ((text (%scm->json (vector value))))
    (substring text 1 (- (string-length text) 1))))

(define (clip text)
  (if (> (string-length text) shown-columns)
      (string-append (substring text 0 shown-columns) "...")
      text))

(define (print-lines lines)
  (for-each (lambda (line) (format #t "    ~a~%" (clip (one-line line))))
            (if (> (length lines) shown-at-most) (take lines shown-at-most) lines))
  (when (> (length lines) shown-at-most)
    (format #t "    ... and ~a more; --json shows all~%" (- (length lines) shown-at-most))))

(define (print-trials-as-json trials)
  (print-json '(report assertions fault)
              (map (lambda (trial)
                     (list (%json->scm (trial-wire trial))
                           (list->vector
                            (map (lambda (assertion)
                                   (if (assertion? assertion)
                                       (list->vector (assertion->list assertion))
                                       (object->string assertion)))
                                 (or (trial-assertions trial) '())))
                           (or (trial-fault trial) 'null)))
                   trials)
              #:json-cells '(report assertions fault)))
