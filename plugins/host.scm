;;; host.scm -- what a machine is, and when it was booted.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins host)
  #:use-module (sheepdog plugin)
  #:use-module (srfi srfi-1))

(define (line-value text label separator)
  "What follows LABEL, blanks and SEPARATOR in the first line of TEXT that begins so; or #f."
  (any (lambda (line)
         (and (string-prefix? label line)
              (let ((at (string-index line separator)))
                (and at
                     (string=? label (string-trim-right (substring line 0 at)))
                     (string-trim-both (substring line (+ at 1)))))))
       (string-split text #\newline)))

(define (os-release text name)
  "The value of NAME in TEXT, an os-release file: shell assignments."
  (let ((value (line-value text name #\=)))
    (and value
         (let ((plain (string-trim-both value (char-set #\" #\'))))
           (and (not (string-null? plain)) plain)))))

(define (first-line path)
  (let ((text (machine-file path)))
    (and text (car (string-split text #\newline)))))

(define (processor-model)
  "The name of the processor, or #f; architectures tell it in their own ways."
  (let ((text (machine-file "/proc/cpuinfo")))
    (and text
         (any (lambda (label) (line-value text label #\:))
              '("model name" "Model" "cpu model" "cpu" "Hardware")))))

(define (distribution)
  "The facts that /etc/os-release tells."
  (let ((text (or (machine-file "/etc/os-release") (machine-file "/usr/lib/os-release") "")))
    `((distribution . ,(os-release text "ID"))
      (distribution.version . ,(os-release text "VERSION_ID"))
      (distribution.name . ,(os-release text "PRETTY_NAME")))))

(define (machine-facts state)
  "An alist of what is known of the machine.  STATE has what does not change while it is up."
  (let ((memory (or (machine-file "/proc/meminfo") "")))
    (define (bytes label)
      (let ((kibibytes (find-number memory label))) (and kibibytes (* 1024 kibibytes))))
    (filter
     cdr
     `((kernel . ,(first-line "/proc/sys/kernel/osrelease"))
       ,@(distribution)
       (architecture . ,(or (first-line "/proc/sys/kernel/arch") (utsname:machine (uname))))
       (cpu . ,(assq-ref state 'cpu))
       (cpus . ,(processor-count))
       (memory . ,(bytes "MemTotal:"))
       (swap . ,(bytes "SwapTotal:"))
       (boot . ,(assq-ref state 'boot))
       (boot-id . ,(assq-ref state 'boot-id))))))

(define (up-time)
  "Seconds since the boot, or #f."
  (let ((text (machine-file "/proc/uptime")))
    (and text (string->number (car (string-split text #\space))))))

(define (boot-time)
  (find-number (or (machine-file "/proc/stat") "") "btime"))

(define (rebooted? state boot-id up)
  "True where the machine has been booted since the round of STATE.  Without an earlier round, a boot
that is just over is taken for one that nobody has seen."
  (if state
      (not (equal? boot-id (assq-ref state 'boot-id)))
      (and up (< up (minutes 10)))))

(define (look options state)
  ;; The state is what holds as long as the machine is up.  The kernel computes the time of the boot
  ;; anew from a clock that is corrected now and then, so the first answer is kept.
  (let* ((boot-id (first-line "/proc/sys/kernel/random/boot_id"))
         (up (up-time))
         (boot? (rebooted? state boot-id up))
         (now (if (and state (not boot?))
                  state
                  `((boot-id . ,boot-id) (boot . ,(boot-time)) (cpu . ,(processor-model)))))
         (known (machine-facts now)))
    (define* (tell data #:optional once)
      (report "host"
              #:status 'ok
              #:once once
              #:summary
              (string-join
               (filter identity
                       (list (assq-ref known 'distribution.name)
                             (and=> (assq-ref known 'kernel)
                                    (lambda (kernel) (string-append "Linux " kernel)))
                             (and=> up (lambda (up) (string-append "up " (format-seconds up))))))
               ", ")
              #:data `((facts . ,known)
                       ,@(if up `((uptime . ,up)) '())
                       ,@data)))
    (values
     ;; A daemon that is started again soon after the boot takes it for one that nobody has seen, too.
     (if boot?
         (list (tell '((rebooted . #t)) (string-append "boot " (or boot-id ""))) (tell '()))
         (list (tell '())))
     now)))

(define (receive report)
  (define (known name) (report-ref report "facts" name))
  `(,(status (report-status report))
    ,(facts 'host (or (report-ref report "facts") '()))
    ,@(if (report-ref report "uptime") (list (sample "host.uptime" (report-ref report "uptime"))) '())
    ,@(if (report-ref report "rebooted")
          (list (event 'reboot
                       (filter cdr `(("boot" . ,(known "boot")) ("kernel" . ,(known "kernel"))))))
          '())))

(define-plugin host
  "Tell what a machine is: kernel, distribution, processors, memory, and when it was booted."
  #:every (minutes 1)
  #:monitor look
  #:receiver receive)
