;;; processes-test.scm -- the processes of a made-up machine, and of this one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 receive)
             (sheepdog error)
             (sheepdog machine)
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins processes) #:prefix plugin:)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define (processes states)
  "A process for each letter of STATES, with a name that is made to mislead."
  (map (lambda (state i)
         (cons (format #f "/proc/~a/stat" (+ i 1))
               (format #f "~a (a) R (b) ~a 1 1 1 0 -1 4194560\n" (+ i 1) state)))
       (string->list states) (iota (string-length states))))

(define* (look states #:key (threads 432) (forks 5000) (up "1000.00") (pid-max 32768) state
               (options '()))
  (call-with-machine
   `(("/proc/loadavg" . ,(format #f "0.00 0.00 0.00 1/~a 12345\n" threads))
     ("/proc/stat" . ,(format #f "cpu 1\nctxt 4\nprocesses ~a\nprocs_running 1\n" forks))
     ("/proc/uptime" . ,(string-append up " 1.00\n"))
     ("/proc/sys/kernel/pid_max" . ,(format #f "~a\n" pid-max))
     ("/proc/sys/kernel/threads-max" . "100000\n")
     ("/proc/self/stat" . "no number, no process\n")
     ,@(processes states))
   (lambda () (apply look-again plugin:processes state options))))

(define (first-look . arguments)
  (receive (reports state) (apply look arguments) (car reports)))

(test-suite "processes"
  (test-equal "a machine"
    '("processes" ok "8 processes, 432 threads, 1 zombie")
    (report->list (first-look "SRSSIDZT")))

  (test-equal "samples"
    (list (status 'ok)
          (sample "processes.total" 8)
          (sample "processes.running" 1)
          (sample "processes.waiting" 1)
          (sample "processes.zombies" 1)
          (sample "processes.threads" 432))
    (receive-report plugin:processes (first-look "SRSSIDZT")))

  (test-equal "how many are started a second"
    (sample "processes.forks" 2.5)
    (receive (reports state) (look "S")
      (last (receive-report plugin:processes
                            (first-look "S" #:forks 5150 #:up "1060.00" #:state state)))))

  (test-equal "a boot between the rounds makes no rate, however long the machine is up by then"
    '(6 6)
    (receive (reports state) (look "S")
      (map (lambda (up)
             (length (receive-report plugin:processes
                                     (first-look "S" #:forks 50 #:up up #:state state))))
           '("10.00" "2000.00"))))

  (test-equal "numbers run out"
    '((ok "1 process, 7999 threads")
      (warning "1 process, 8000 threads of 10000 that can be")
      (critical "1 process, 9500 threads of 10000 that can be"))
    (map (lambda (threads) (cdr (report->list (first-look "S" #:threads threads #:pid-max 10000))))
         '(7999 8000 9500)))

  (test-equal "zombies gather"
    '(ok warning warning)
    (list (report-status (first-look (make-string 99 #\Z)))
          (report-status (first-look (make-string 100 #\Z)))
          (report-status (first-look "ZZ" #:options '(#:zombies 2)))))

  (test-raises "no /proc is a failed check" core-error?
    (call-with-machine '() (lambda ()
                             (parameterize ((current-root "/no/such/root"))
                               (look-with plugin:processes)))))

  (test-equal "this machine"
    #t
    (let ((data (report-data (car (look-with plugin:processes)))))
      (<= 1 (assq-ref data 'total) (assq-ref data 'threads) (assq-ref data 'limit)))))
