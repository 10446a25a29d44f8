;;; memory-test.scm -- the memory of a made-up machine, and of this one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 receive)
             (sheepdog error)
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins memory) #:prefix plugin:)
             (sheepdog test)
             (srfi srfi-64))

(define* (meminfo #:key (available 12582912) (swap-free 4194304) (without-available? #f))
  (string-append "MemTotal:       16777216 kB\n"
                 "MemFree:         1048576 kB\n"
                 (if without-available? ""
                     (format #f "MemAvailable:   ~a kB\n" available))
                 "Buffers:          524288 kB\n"
                 "Cached:          2097152 kB\n"
                 "SwapCached:            0 kB\n"
                 "SwapTotal:       4194304 kB\n"
                 (format #f "SwapFree:        ~a kB\n" swap-free)
                 "Dirty:               128 kB\n"))

(define* (look #:key (text (meminfo)) (kills 0) state (options '()))
  (call-with-machine
   `(("/proc/meminfo" . ,text)
     ,@(if kills `(("/proc/vmstat" . ,(format #f "nr_free_pages 1\noom_kill ~a\ndrop 0\n" kills)))
           '()))
   (lambda () (apply look-again plugin:memory state options))))

(define (status-of . arguments)
  (receive (reports state) (apply look arguments)
    (report-status (car reports))))

(define gib (gibibytes 1))

(test-suite "memory"
  (test-equal "a machine with memory left"
    '("memory" ok "25 % used, 12.0 GiB available of 16.0 GiB, swap 0 % used")
    (receive (reports state) (look) (report->list (car reports))))

  (test-equal "samples are bytes"
    (list (status 'ok)
          (sample "memory.available" (* 12 gib))
          (sample "memory.used" (* 4 gib))
          (sample "memory.cached" (* 2 gib))
          (sample "memory.dirty" 131072)
          (sample "memory.swap-used" gib))
    (receive (reports state) (look #:text (meminfo #:swap-free 3145728))
      (receive-report plugin:memory (car reports))))

  (test-equal "little is left"
    '(ok warning critical)
    (map (lambda (available) (status-of #:text (meminfo #:available available)))
         '(838861 838860 335544)))

  (test-equal "a full swap matters only where memory is short too"
    '(ok warning)
    (list (status-of #:text (meminfo #:swap-free 0))
          (status-of #:text (meminfo #:swap-free 0 #:available 3355443))))

  (test-equal "the kernel ended processes since the last round"
    (list 'warning
          "25 % used, 12.0 GiB available of 16.0 GiB, swap 0 % used; \
2 processes ended for want of memory"
          (event 'out-of-memory '(("processes" . 2)))
          7)
    (receive (reports state) (look #:kills 7 #:state 5)
      (list (report-status (car reports)) (report-summary (car reports))
            (car (last-pair (receive-report plugin:memory (car reports)))) state)))

  (test-equal "what was ended before we looked is no news"
    'ok
    (status-of #:kills 7))

  (test-equal "a machine without the count of kills"
    'ok
    (status-of #:kills #f #:state 5))

  (test-equal "an old kernel: what is free or cached is available"
    (* 3.5 gib)
    (receive (reports state) (look #:text (meminfo #:without-available? #t))
      (exact->inexact (assq-ref (report-data (car reports)) 'available))))

  (test-equal "no swap"
    "25 % used, 12.0 GiB available of 16.0 GiB"
    (receive (reports state)
        (look #:text "MemTotal: 16777216 kB\nMemAvailable: 12582912 kB\nSwapTotal: 0 kB\n")
      (report-summary (car reports))))

  (test-raises "no /proc is a failed check" check-failed?
    (call-with-machine '() (lambda () (look-with plugin:memory))))
  (test-raises "nonsense is one too" check-failed?
    (look #:text "MemTotal: none\n"))

  (test-equal "this machine"
    #t
    (let ((report (car (look-with plugin:memory))))
      (receive-report plugin:memory report)
      (< 0 (assq-ref (report-data report) 'available) (assq-ref (report-data report) 'size)))))
