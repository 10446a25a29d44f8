;;; network-test.scm -- the interfaces of a made-up machine, and of this one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 receive)
             (sheepdog error)
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins network) #:prefix plugin:)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define head "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
")

(define* (line name #:key (in 1000000) (packets 1000) (errors 0) (drops 0) (out 500000))
  (format #f "~a: ~a ~a ~a ~a 0 0 0 0 ~a 500 0 1 0 0 0 0\n" name in packets errors drops out))

(define* (look up lines #:key state (options '()))
  (call-with-machine
   `(("/proc/uptime" . ,(format #f "~a 1.00\n" up))
     ("/proc/net/dev" . ,(string-append head lines)))
   (lambda () (apply look-again plugin:network state options))))

(define* (second-round lines #:key (first (line "  eth0")) (options '()))
  "The reports of the round 60 seconds after one with FIRST."
  (receive (reports state) (look "1000.00" first)
    (receive (reports state) (look "1060.00" lines #:state state #:options options)
      reports)))

(test-suite "network"
  (test-equal "the first round knows no rates"
    (list '("network" ok "eth0 977 KiB in, 488 KiB out so far")
          (list (status 'ok)))
    (receive (reports state) (look "1000.00" (line "  eth0"))
      (list (report->list (car reports)) (receive-report plugin:network (car reports)))))

  (test-equal "later ones do"
    '(("network" ok "eth0 in 1.0 KiB/s, out 512 B/s"))
    (map report->list
         (second-round (line "  eth0" #:in (+ 1000000 61440) #:out (+ 500000 30720)))))

  (test-equal "samples are a second"
    (list (status 'ok)
          (sample "network.eth0.drops" 0.05)
          (sample "network.eth0.errors" 0.1)
          (sample "network.eth0.packets" 20.)
          (sample "network.eth0.received" 1024.)
          (sample "network.eth0.sent" 0.))
    (receive-report plugin:network
                    (car (second-round (line "  eth0" #:in (+ 1000000 61440) #:packets 2200
                                             #:errors 6 #:drops 3)))))

  (test-equal "many errors are a warning"
    '(("network" warning "eth0 20 errors in 1200 packets"))
    (map report->list
         (second-round (string-append (line "  eth0" #:packets 2200 #:errors 20)
                                      (line " wlan0" #:packets 2200))
                       #:first (string-append (line "  eth0") (line " wlan0")))))

  (test-equal "a few are not, nor few among many"
    '(ok ok)
    (map (lambda (lines) (report-status (car (second-round lines))))
         (list (line "  eth0" #:packets 1001 #:errors 9)
               (line "  eth0" #:packets 100000 #:errors 20))))

  (test-equal "the share is an option"
    'warning
    (report-status (car (second-round (line "  eth0" #:packets 100000 #:errors 20)
                                      #:options '(#:warning 0.01)))))

  (test-equal "counters that were set back count from the next round on"
    '(("network" ok "eth0 1 B in, 488 KiB out so far"))
    (map report->list (second-round (line "  eth0" #:in 1))))

  (test-equal "one that is left is enough"
    '(("network" ok "eth0 in 0 B/s, out 0 B/s"))
    (map report->list
         (second-round (line "  eth0") #:first (string-append (line "  eth0") (line "  tun0")))))

  (test-equal "where none is left that is said, until one is there again"
    '((("network" warning "no interface is left: eth0; eth1 are gone"))
      (("network" warning "no interface is left: eth0; eth1 are gone"))
      (("network" ok "eth1 977 KiB in, 488 KiB out so far"))
      (("network" ok "eth1 in 0 B/s, out 0 B/s"))
      (("network" warning "no interface is left: eth1 is gone")))
    (let rounds ((all (list (string-append (line "  eth0") (line "  eth1")) "" ""
                            (line "  eth1") (line "  eth1") ""))
                 (up 1000)
                 (state #f)
                 (said '()))
      (if (null? all)
          (cdr (reverse said))
          (receive (reports state) (look (format #f "~a.00" up) (car all) #:state state)
            (rounds (cdr all) (+ up 60) state (cons (map report->list reports) said))))))

  (test-equal "so do new interfaces"
    '("eth0 in 0 B/s, out 0 B/s")
    (map report-summary (second-round (string-append (line "  eth0") (line "  eth1")))))

  (test-equal "a state from before the boot is none"
    '("eth0 977 KiB in, 488 KiB out so far")
    (receive (reports state) (look "1000.00" (line "  eth0"))
      (receive (reports state) (look "30.00" (line "  eth0") #:state state)
        (map report-summary reports))))

  (test-equal "this machine's own talk, its containers' and idle interfaces are left out"
    "eth0 977 KiB in, 488 KiB out so far"
    (receive (reports state)
        (look "1000.00" (string-append (line "    lo") (line "veth12ab") (line "docker0")
                                       (line "  eth0") (line "  eth1" #:in 0 #:out 0)))
      (report-summary (car reports))))

  (test-equal "what is left out is an option"
    "lo 977 KiB in, 488 KiB out so far"
    (receive (reports state)
        (look "1000.00" (string-append (line "    lo") (line "  eth0"))
              #:options '(#:ignore ("eth*")))
      (report-summary (car reports))))

  (test-equal "many interfaces"
    "a 1 B in, 0 B out so far; b 1 B in, 0 B out so far; c 1 B in, 0 B out so far; \
d 1 B in, 0 B out so far; 2 more"
    (receive (reports state)
        (look "1000.00" (string-concatenate
                         (map (lambda (name) (line name #:in 1 #:out 0))
                              '("a" "b" "c" "d" "e" "f"))))
      (report-summary (car reports))))

  (test-equal "a machine without interfaces says nothing"
    '()
    (receive (reports state) (look "1000.00" "") reports))

  (test-raises "no /proc is a failed check" check-failed?
    (call-with-machine '() (lambda () (look-with plugin:network))))

  (test-assert "this machine"
    (every (lambda (report) (pair? (receive-report plugin:network report)))
           (look-with plugin:network #:ignore '()))))
