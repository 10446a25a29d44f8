;;; host-test.scm -- what is told of a made-up machine, and of this one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 receive)
             ((ice-9 threads) #:select (total-processor-count))
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins host) #:prefix plugin:)
             ((sheepdog report) #:select (report-id))
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define cpuinfo "processor\t: 0
vendor_id\t: AuthenticAMD
model\t\t: 17
model name\t: AMD EPYC 7302
processor\t: 1
model name\t: AMD EPYC 7302
")

(define debian "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"
NAME=\"Debian GNU/Linux\"
VERSION_ID=\"12\"
VERSION=\"12 (bookworm)\"
ID=debian
")

(define* (machine #:key (up "93784.12 1.00\n") (boot-id "320a17cb-7466-44db-a250-83b5b1ccf605")
                  (btime 1795262724) (os-release debian) (cpuinfo cpuinfo))
  `(("/proc/sys/kernel/osrelease" . "6.1.0-18-amd64\n")
    ("/proc/sys/kernel/arch" . "x86_64\n")
    ("/proc/sys/kernel/random/boot_id" . ,(string-append boot-id "\n"))
    ("/proc/uptime" . ,up)
    ("/proc/cpuinfo" . ,cpuinfo)
    ("/proc/meminfo" . "MemTotal:       24684096 kB\nMemFree: 1 kB\nSwapTotal:       1048576 kB\n")
    ("/proc/stat" . ,(format #f "cpu  1 2 3\ncpu0 1 2 3\nctxt 5\nbtime ~a\nprocesses 9\n" btime))
    ("/sys/devices/system/cpu/online" . "0-31\n")
    ("/etc/os-release" . ,os-release)))

(define* (look files #:optional state)
  (call-with-machine files (lambda () (look-again plugin:host state))))

(define (assertions . arguments)
  (receive (reports state) (apply look arguments)
    (receive-report plugin:host (car reports))))

(define (fact-of key assertions)
  (assoc-ref (vector-ref (second assertions) 2) key))

(define (events assertions)
  (filter (lambda (assertion) (eq? 'event (vector-ref assertion 0))) assertions))

(define one-boot (receive (reports state) (look (machine)) state))

(test-suite "host"
  (test-equal "a machine"
    (list (status 'ok)
          (facts 'host '(("architecture" . "x86_64")
                         ("boot" . 1795262724)
                         ("boot-id" . "320a17cb-7466-44db-a250-83b5b1ccf605")
                         ("cpu" . "AMD EPYC 7302")
                         ("cpus" . 32)
                         ("distribution" . "debian")
                         ("distribution.name" . "Debian GNU/Linux 12 (bookworm)")
                         ("distribution.version" . "12")
                         ("kernel" . "6.1.0-18-amd64")
                         ("memory" . 25276514304)
                         ("swap" . 1073741824)))
          (sample "host.uptime" 93784.12))
    (assertions (machine)))

  (test-equal "in a line"
    '("host" ok "Debian GNU/Linux 12 (bookworm), Linux 6.1.0-18-amd64, up 1d 2h")
    (receive (reports state) (look (machine)) (report->list (car reports))))

  (test-equal "the time of the boot stays while the machine is up, whatever the clock does"
    1795262724
    (fact-of "boot" (assertions (machine #:btime 1795262725) one-boot)))

  (test-equal "a reboot is an event, and a new time"
    (list (event 'reboot '(("boot" . 1795269999) ("kernel" . "6.1.0-18-amd64"))))
    (events (assertions (machine #:btime 1795269999 #:boot-id "b") one-boot)))

  (test-equal "once"
    '()
    (receive (reports state) (look (machine #:btime 1795269999 #:boot-id "b") one-boot)
      (events (assertions (machine #:btime 1795269999 #:boot-id "b") state))))

  (test-equal "also where the daemon is started again soon: the report of a boot has an id of its own"
    '(#t #t #f)
    (receive (reports state) (look (machine #:up "42.00 1.00\n"))
      (receive (again state) (look (machine #:up "99.00 1.00\n"))
        (receive (next-boot state) (look (machine #:up "42.00 1.00\n" #:boot-id "b"))
          (list (string? (report-id (first reports)))
                (equal? (report-id (first reports)) (report-id (first again)))
                (equal? (report-id (first reports)) (report-id (first next-boot))))))))
  (test-equal "what holds is told beside it, in a report that is new each time"
    '(2 #f ())
    (receive (reports state) (look (machine #:up "42.00 1.00\n"))
      (list (length reports) (report-id (second reports))
            (events (receive-report plugin:host (second reports))))))

  (test-equal "a monitor that begins with the machine tells its boot, one that begins later not"
    '(1 0)
    (map (lambda (up) (length (events (assertions (machine #:up up)))))
         '("42.00 1.00\n" "600.00 1.00\n")))

  (test-equal "a distribution that names no version"
    '("guix" #f "GNU Guix System")
    (let ((told (assertions (machine #:os-release "NAME='GNU Guix System'
ID=guix
PRETTY_NAME='GNU Guix System'
VERSION_ID=
"))))
      (map (lambda (key) (fact-of key told))
           '("distribution" "distribution.version" "distribution.name"))))

  (test-equal "processors of other architectures"
    '("Raspberry Pi 4 Model B Rev 1.4" "POWER9, altivec supported" #f)
    (map (lambda (cpuinfo) (fact-of "cpu" (assertions (machine #:cpuinfo cpuinfo))))
         '("processor\t: 0\nFeatures\t: fp asimd\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n"
           "processor\t: 0\ncpu\t\t: POWER9, altivec supported\n"
           "processor\t: 0\n")))

  (test-equal "where nearly nothing can be read, nearly nothing is told"
    (list (status 'ok)
          (facts 'host `(("architecture" . ,(utsname:machine (uname))) ("cpus" . 1))))
    (assertions '()))

  (test-equal "this machine"
    #t
    (let ((told (receive-report plugin:host (car (look-with plugin:host)))))
      (and (string=? (utsname:release (uname)) (fact-of "kernel" told))
           (< (mebibytes 64) (fact-of "memory" told))
           (<= 1 (fact-of "cpus" told) (total-processor-count))))))
