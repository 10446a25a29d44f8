;;; memory.scm -- memory and swap that are left.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins memory)
  #:use-module (sheepdog plugin))

(define (read-memory)
  "The machine's memory in bytes, an alist."
  (let ((text (or (machine-file "/proc/meminfo")
                  (raise-check-failed "/proc/meminfo cannot be read"))))
    (define (bytes label)
      (let ((kibibytes (find-number text label))) (and kibibytes (* 1024 kibibytes))))
    (let ((size (bytes "MemTotal:"))
          (swap (or (bytes "SwapTotal:") 0)))
      (unless (and size (> size 0)) (raise-check-failed "/proc/meminfo has no MemTotal"))
      `((size . ,size)
        (available . ,(or (bytes "MemAvailable:")
                          ;; Before Linux 3.14, and in some containers.
                          (+ (or (bytes "MemFree:") 0) (or (bytes "Buffers:") 0)
                             (or (bytes "Cached:") 0))))
        (cached . ,(or (bytes "Cached:") 0))
        (dirty . ,(or (bytes "Dirty:") 0))
        (swap . ,swap)
        (swap-used . ,(- swap (or (bytes "SwapFree:") 0)))))))

(define (out-of-memory-kills)
  "How many processes the kernel has ended for want of memory since the boot; #f where unknown."
  (let ((text (machine-file "/proc/vmstat")))
    (and text (find-number text "oom_kill"))))

(define (memory-status options used swap-used kills)
  (cond ((>= used (option-ref options 'critical)) 'critical)
        ((or (>= used (option-ref options 'warning))
             (> kills 0)
             ;; A full swap does no harm while there is memory left.
             (and (>= swap-used (option-ref options 'swap)) (>= used 80)))
         'warning)
        (else 'ok)))

(define (look options state)
  ;; The state is the count of kills of the round before.
  (let* ((memory (read-memory))
         (size (assq-ref memory 'size))
         (available (assq-ref memory 'available))
         (swap (assq-ref memory 'swap))
         (swap-used (assq-ref memory 'swap-used))
         (used (percent (- size available) size))
         (total (out-of-memory-kills))
         (kills (if (and total state) (max 0 (- total state)) 0)))
    (values
     (list (report "memory"
                   #:status (memory-status options used (percent swap-used swap) kills)
                   #:summary
                   (string-append
                    (format #f "~a % used, ~a available of ~a" used (format-bytes available)
                            (format-bytes size))
                    (if (zero? swap) "" (format #f ", swap ~a % used" (percent swap-used swap)))
                    (if (zero? kills) ""
                        (string-append "; " (format-count kills "process" "processes")
                                       " ended for want of memory")))
                   #:data `(,@memory
                            ,@(if total `((kills . ,total) (new-kills . ,kills)) '()))))
     total)))

(define-plugin memory
  "Watch the memory that is left, and the processes that the kernel ends for want of it."
  #:every (minutes 1)
  #:options ((warning 95 percentage? "Use of the memory from which the status is warning.")
             (critical 98 percentage? "Use of the memory from which it is critical.")
             (swap 90 percentage?
                   "Use of the swap from which it is warning while 80 % of the memory is used too."))
  #:monitor look
  #:receiver
  (lambda (report)
    (define (bytes name) (report-ref report name))
    (let ((kills (or (bytes "new-kills") 0)))
      `(,(status (report-status report))
        ,(sample "memory.available" (bytes "available"))
        ,(sample "memory.used" (- (bytes "size") (bytes "available")))
        ,(sample "memory.cached" (bytes "cached"))
        ,(sample "memory.dirty" (bytes "dirty"))
        ,(sample "memory.swap-used" (bytes "swap-used"))
        ,@(if (> kills 0) (list (event 'out-of-memory `(("processes" . ,kills)))) '())))))
