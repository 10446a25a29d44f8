;;; questions-sql-test.scm -- what shepherds ask, each against SQL that was written by hand
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog query)
             (sheepdog sql-by-hand)
             (sheepdog small-herd)
             ((sheepdog store) #:hide (select))
             (sheepdog test)
             (sheepdog two-alike))

(define-relation (smallo host)
  (fresh (memory) (facto host 'host.memory memory) (<o memory (gibibytes 64))))

(define-relation (failedo host service since)
  "SERVICE became critical at SINCE."
  (fresh (until) (stateo host service 'critical since until)))

(define-relation (differo a b)
  "A has a package that B does not have in that version."
  (fresh (name version) (packageo a name version) (noto (packageo b name version))))

(define (test-questions reader)
  (test-sql reader "interrupted in the last month, on little memory, with this nginx"
    (run* (host service)
      (fresh (since until)
        (interruptiono host service since until) (>o until (ago (days 30)))
        (smallo host) (packageo host "nginx" "1.22.1-9")))
    "SELECT host, service FROM it WHERE coalesce(until, NOW) > NOW - 30 * DAY
 AND host IN (SELECT host FROM f WHERE key = 'host.memory' AND value < 68719476736 AND until IS NULL)
 AND host IN (SELECT host FROM f WHERE key = 'package.nginx' AND value = '1.22.1-9' AND until IS NULL)")
  (test-sql reader "no successful backup in the last 7 days"
    (run* (host)
      (hosto host)
      (noto (fresh (id started ended exit)
              (runo id host "backup" 'succeeded started ended exit) (>o ended (ago (days 7))))))
    "SELECT name FROM host WHERE name NOT IN (SELECT host FROM rn WHERE service = 'backup'
 AND outcome = 'succeeded' AND coalesce(ended, NOW) > NOW - 7 * DAY)")
  (test-sql reader "and when the last one was"
    (run* (host last)
      (hosto host)
      (maxo last (ended id started exit) (runo id host "backup" 'succeeded started ended exit))
      (<o last (ago (days 7))))
    "SELECT host, max(ended) / 1e6 FROM rn WHERE service = 'backup' AND outcome = 'succeeded'
 GROUP BY host HAVING max(ended) < NOW - 7 * DAY")
  (test-sql reader "when each first rebooted, of those that did"
    (run* (host first)
      (hosto host)
      (mino first (time service) (evento host service 'reboot time)))
    "SELECT host, min(time) / 1e6 FROM ev WHERE name = 'reboot' GROUP BY host")
  (test-sql reader "failed within a day after a package changed, from what to what"
    (run* (host service package old new)
      (fresh (failed changed until before gap)
        (failedo host service failed)
        (package-duringo host package new changed until)
        (package-duringo host package old before changed)
        (durationo changed failed gap) (betweeno gap 0 (days 1))))
    "SELECT st.host, service, substr(n.key, 9), o.value, n.value FROM st, f n, f o
 WHERE st.status = 2 AND n.host = st.host AND o.host = st.host AND n.key LIKE 'package.%' AND o.key = n.key
   AND o.until = n.since AND st.since BETWEEN n.since AND n.since + DAY")
  (test-sql reader "what is broken now, and what else broke within a minute of it"
    (run* (host service since other-host other-service)
      (fresh (other until gap)
        (interruptiono host service since 'now)
        (interruptiono other-host other-service other until)
        (=/= (list host service) (list other-host other-service))
        (pluso since gap other) (betweeno gap -60 60)))
    "SELECT a.host, a.service, a.since / 1e6, b.host, b.service FROM it a, it b WHERE a.until IS NULL
 AND b.since BETWEEN a.since - 60000000 AND a.since + 60000000 AND (a.host, a.service) <> (b.host, b.service)")
  (test-sql-in-order reader "down longest this quarter, and how often"
    (run* (host service down times)
      (limito 4
        (ordero ((> down) host service)
          (groupo (host service) ((sumo down seconds) (counto times)) (since until seconds)
            (interruptiono host service since until)
            (withino since until (ago (days 90)) 'now seconds) (>o seconds 0)))))
    "SELECT host, service, sum(coalesce(until, NOW) - max(since, NOW - 90 * DAY)) / 1e6 AS down, count(*)
 FROM it WHERE coalesce(until, NOW) > NOW - 90 * DAY GROUP BY host, service ORDER BY down DESC, host, service LIMIT 4")
  (test-sql reader "disks that lost a tenth in a week"
    (run* (host before bytes)
      (fresh (least time)
        (groupo (host) ((avgo before b)) (b t)
          (sampleo host 'disk./.available t b) (betweeno t (ago (days 9)) (ago (days 7))))
        (timeso before 0.9 least)
        (sampleo host 'disk./.available time bytes) (>o time (ago (days 1))) (<o bytes least)))
    "SELECT a.host, a.b, sa.value FROM sa, (SELECT host, avg(value) AS b FROM sa WHERE key = 'disk./.available'
   AND time BETWEEN NOW - 9 * DAY AND NOW - 7 * DAY GROUP BY host) a
 WHERE sa.host = a.host AND sa.key = 'disk./.available' AND sa.time > NOW - DAY AND sa.value < a.b * 0.9")
  (test-sql reader "runs that took twice as long as the mean of the service"
    (run* (host service ended)
      (fresh (id started exit seconds mean twice)
        (groupo (host service) ((avgo mean s)) (i b e x s)
          (runo i host service 'succeeded b e x) (durationo b e s))
        (timeso mean 2 twice)
        (runo id host service 'succeeded started ended exit)
        (durationo started ended seconds) (>o seconds twice)))
    "SELECT host, service, r.ended / 1e6 FROM rn r WHERE outcome = 'succeeded' AND r.ended - r.started >
 2 * (SELECT avg(o.ended - o.started) FROM rn o WHERE o.outcome = 'succeeded' AND o.host = r.host AND o.service = r.service)")
  (test-sql reader "runs that printed nothing, though others of the service do"
    (run* (host service started)
      (fresh (id ended exit u s m)
        (run-useo id u s m 0)
        (runo id host service 'succeeded started ended exit)
        (someo (fresh (i o b e x u2 s2 m2 printed)
                 (runo i host service o b e x) (run-useo i u2 s2 m2 printed) (>o printed 0)))))
    "SELECT host, service, started / 1e6 FROM rn r WHERE outcome = 'succeeded' AND output = 0
 AND EXISTS (SELECT 1 FROM rn o WHERE o.host = r.host AND o.service = r.service AND o.output > 0)")
  (test-sql reader "a kernel older than another one's of the same distribution"
    (run* (host kernel)
      (fresh (distribution)
        (facto host 'host.kernel kernel) (facto host 'host.distribution distribution)
        (someo (fresh (other newer)
                 (facto other 'host.distribution distribution) (facto other 'host.kernel newer)
                 (version<o kernel newer)))))
    "SELECT k.host, k.value FROM f k WHERE k.key = 'host.kernel' AND EXISTS
 (SELECT 1 FROM f d, f e, f o WHERE d.key = 'host.distribution' AND e.key = d.key AND d.host = k.host AND e.value = d.value
   AND o.key = k.key AND o.host = e.host
   AND CAST(substr(o.value, 7) AS INTEGER) > CAST(substr(k.value, 7) AS INTEGER))")
  (test-sql reader "alike in packages, but one fails"
    (run* (good bad service)
      (fresh (status since)
        (hosto good) (hosto bad) (=/= good bad)
        (noto (differo good bad)) (noto (differo bad good))
        (statuso bad service status since) (=/= status 'ok)
        (noto (fresh (s) (statuso good service status s)))))
    "SELECT a.name, b.name, st.service FROM host a, host b, st WHERE a.name <> b.name AND st.host = b.name AND st.until IS NULL
 AND st.status <> 0 AND NOT EXISTS (SELECT 1 FROM st g WHERE g.host = a.name AND g.service = st.service AND g.status = st.status AND g.until IS NULL)
 AND NOT EXISTS (SELECT key, value FROM f WHERE host = a.name AND key LIKE 'package.%' AND until IS NULL EXCEPT
                 SELECT key, value FROM f WHERE host = b.name AND until IS NULL)
 AND NOT EXISTS (SELECT key, value FROM f WHERE host = b.name AND key LIKE 'package.%' AND until IS NULL EXCEPT
                 SELECT key, value FROM f WHERE host = a.name AND until IS NULL)")
  (test-sql reader "never interrupted in half a year"
    (run* (host service)
      (fresh (status changed)
        (statuso host service status changed)
        (noto (fresh (began until) (interruptiono host service began until) (>o until (ago (days 180)))))))
    "SELECT host, service FROM v WHERE NOT EXISTS (SELECT 1 FROM it WHERE it.host = v.host AND it.service = v.service
 AND coalesce(until, NOW) > NOW - 180 * DAY)")
  (test-sql reader "who has not reported for an hour, and when last"
    (run* (host last)
      (groupo (host) ((maxo last time)) (id service time plugin status summary)
        (reporto id host service time plugin status summary))
      (<o last (ago (hours 1))))
    "SELECT host, max(time) / 1e6 FROM rp GROUP BY host HAVING max(time) < NOW - DAY / 24")
  (test-sql reader "what changed in the days before the first bad run"
    (run* (key value)
      (fresh (bad since until)
        (mino bad (ended id started exit) (runo id "web01" "backup" 'failed started ended exit))
        (fact-duringo "web01" key value since until)
        (betweeno since (ago (days 11)) bad)))
    "SELECT key, value FROM f WHERE host = 'web01' AND since BETWEEN NOW - 11 * DAY AND
 (SELECT min(ended) FROM rn WHERE host = 'web01' AND service = 'backup' AND outcome = 'failed')")
  (test-sql reader "two that always fail together"
    (run* (h1 s1 h2 s2)
      (fresh (since until)
        (statuso h1 s1 'ok since)
        (someo (fresh (a b) (interruptiono h1 s1 a b)))
        (stateo h2 s2 'ok until 'now)
        (=/= (list h1 s1) (list h2 s2))
        (noto (fresh (a b)
                (interruptiono h1 s1 a b)
                (noto (fresh (c d) (interruptiono h2 s2 c d) (overlapso a b c d)))))))
    "SELECT a.host, a.service, b.host, b.service FROM st a, st b WHERE a.until IS NULL AND b.until IS NULL AND a.status = 0
 AND b.status = 0 AND (a.host, a.service) <> (b.host, b.service) AND EXISTS (SELECT 1 FROM it i WHERE i.host = a.host AND i.service = a.service)
 AND NOT EXISTS (SELECT 1 FROM it i WHERE i.host = a.host AND i.service = a.service AND NOT EXISTS
   (SELECT 1 FROM it o WHERE o.host = b.host AND o.service = b.service
      AND i.since < coalesce(o.until, NOW) AND o.since < coalesce(i.until, NOW)))")
  (test-sql reader "how available web was on each host, and of how much it is known"
    (run* (host good known)
      (groupo (host) ((sumo known k)) (s t u k)
        (stateo host "web" s t u) (withino t u (ago (days 30)) 'now k))
      (sumo good (g t u) (stateo host "web" 'ok t u) (withino t u (ago (days 30)) 'now g)))
    "SELECT host, sum(CASE status WHEN 0 THEN k ELSE 0 END) / 1e6, sum(k) / 1e6
 FROM (SELECT host, status, max(0, coalesce(until, NOW) - max(since, NOW - 30 * DAY)) AS k FROM st WHERE service = 'web')
 GROUP BY host")
  (test-sql reader "restarted more than three times on a day"
    (run* (host service day n)
      (groupo (host service day) ((counto n)) (id outcome started ended exit)
        (runo id host service outcome started ended exit) (dayo started day))
      (>o n 3))
    "SELECT host, service, date(started / 1000000, 'unixepoch', 'localtime') AS day, count(*) FROM rn WHERE started IS NOT NULL
 GROUP BY host, service, day HAVING count(*) > 3")
  (test-sql reader "with what exit statuses"
    (run* (exit n)
      (groupo (exit) ((counto n)) (id started ended) (runo id "web01" "web" 'failed started ended exit)))
    "SELECT exit, count(*) FROM rn WHERE host = 'web01' AND service = 'web' AND outcome = 'failed' GROUP BY exit")
  (test-sql reader "facts that all hosts share but one"
    (run* (key value host)
      (fresh (all n)
        (counto all (h) (hosto h))
        (groupo (key value) ((counto n)) (h) (facto h key value))
        (pluso n 1 all)
        (hosto host) (noto (facto host key value))))
    "SELECT g.key, g.value, h.name FROM host h, (SELECT key, value, count(*) AS n FROM f WHERE until IS NULL GROUP BY key, value) g
 WHERE g.n + 1 = (SELECT count(*) FROM host)
 AND NOT EXISTS (SELECT 1 FROM f WHERE f.host = h.name AND f.key = g.key AND f.value = g.value AND f.until IS NULL)")
  (test-sql reader "reports a plugin and day"
    (run* (plugin day n)
      (groupo (plugin day) ((counto n)) (id host service time status summary)
        (reporto id host service time plugin status summary) (dayo time day)))
    "SELECT plugin, date(time / 1000000, 'unixepoch', 'localtime') AS day, count(*) FROM rp GROUP BY plugin, day")
  (test-sql reader "services whose reports never said anything but ok"
    (run* (host service)
      (groupo (host service) () (id time plugin status summary)
        (reporto id host service time plugin status summary))
      (noto (fresh (id time plugin status summary)
              (reporto id host service time plugin status summary) (=/= status 'ok))))
    "SELECT host, service FROM rp GROUP BY host, service HAVING max(status) = 0")
  (test-sql reader "rebooted, and what did not come back"
    (run* (host service)
      (fresh (monitor time since)
        (evento host monitor 'reboot time) (>o time (ago (days 2)))
        (interruptiono host service since 'now) (>=o since time)))
    "SELECT it.host, it.service FROM ev, it WHERE ev.name = 'reboot' AND ev.time > NOW - 2 * DAY AND it.host = ev.host
 AND it.until IS NULL AND it.since >= ev.time")
  (test-sql reader "was the disk already filling when it first failed"
    (run* (host first before)
      (fresh (t1 t2 b2)
        (hosto host)
        (mino first (since s until) (interruptiono host s since until) (>o since (ago (days 2))))
        (sampleo host 'disk./.available t1 before)
        (sampleo host 'disk./.available t2 b2)
        (<o t1 t2) (<o t2 first) (<o b2 before)))
    "SELECT h.name, i.first / 1e6, a.value FROM host h, (SELECT host, min(since) AS first FROM it WHERE since > NOW - 2 * DAY GROUP BY host) i,
 sa a, sa b WHERE i.host = h.name AND a.host = h.name AND b.host = h.name AND a.key = 'disk./.available' AND b.key = a.key
 AND a.time < b.time AND b.time < i.first AND b.value < a.value"))

(define (test-patterns reader)
  (test-sql reader "as it was at a moment: facts"
    (run* (host version)
      (fresh (since until)
        (package-duringo host "nginx" version since until)
        (<=o since (ago (days 40))) (>o until (ago (days 40)))))
    "SELECT host, value FROM f WHERE key = 'package.nginx' AND since <= NOW - 40 * DAY AND coalesce(until, NOW) > NOW - 40 * DAY")
  (test-sql reader "as it was at a moment: statuses"
    (run* (host service status)
      (fresh (since until)
        (stateo host service status since until)
        (overlapso since until (ago (days 25.3)) (ago (days 25.2)))))
    "SELECT host, service, status FROM st WHERE since < NOW - 252 * DAY / 10 AND coalesce(until, NOW) > NOW - 253 * DAY / 10")
  (test-sql reader "by what a fact is, as a number of any form"
    (run* (host key) (facto host key (* 1. (gibibytes 16))))
    "SELECT host, key FROM f WHERE value = 17179869184 AND until IS NULL")
  (test-sql reader "facts of which it is known that they are texts"
    (run* (host key value) (facto host key value) (stringo value) (>o value "b"))
    "SELECT host, key, value FROM f WHERE until IS NULL AND typeof(value) = 'text' AND value > 'b'")
  (test-sql reader "what lasts, and what ended at a moment"
    (run* (host service until)
      (fresh (since)
        (interruptiono host service since until)
        (conde ((== until 'now)) ((== until (ago (days 25)))))))
    "SELECT host, service, coalesce(until / 1e6, 'now') FROM it WHERE until IS NULL OR until = NOW - 25 * DAY")
  (test-sql reader "runs that are not over, or began at an unknown time"
    (run* (host outcome started ended)
      (fresh (id service exit)
        (runo id host service outcome started ended exit)
        (conde ((== ended 'now)) ((== started #f)))))
    "SELECT host, coalesce(outcome, 'running'), started / 1e6, coalesce(ended / 1e6, 'now') FROM rn
 WHERE ended IS NULL OR started IS NULL")
  (test-sql reader "signals, and the runs that they ended"
    (run* (host signal outcome)
      (fresh (id service started ended exit)
        (run-signalo id signal) (runo id host service outcome started ended exit)))
    "SELECT host, signal, outcome FROM rn WHERE signal IS NOT NULL")
  (test-sql reader "what a service's runs used in all, and their mean output"
    (run* (host service cpu mean)
      (groupo (host service) ((sumo cpu user) (avgo mean output)) (id outcome started ended exit user system memory output)
        (runo id host service outcome started ended exit) (run-useo id user system memory output)))
    "SELECT host, service, total(user_cpu) / 1e6, avg(output) FROM rn WHERE measured
 GROUP BY host, service HAVING avg(output) IS NOT NULL")
  (test-sql reader "patterns, and parts of texts"
    (run* (host key)
      (fresh (value)
        (facto host key value) (matcheso key "package.*") (containso value "1.2") (=/= host "tux01")))
    "SELECT host, key FROM f WHERE until IS NULL AND key GLOB 'package.*' AND instr(value, '1.2') AND host <> 'tux01'")
  (test-sql reader "the same name for two things"
    (run* (host other service)
      (fresh (s1 s2 t1 t2)
        (statuso host service s1 t1) (statuso other service s2 t2) (<o host other)))
    "SELECT a.host, b.host, a.service FROM v a, v b WHERE a.service = b.service AND a.host < b.host")
  (test-sql reader "how many services are how, hosts without any left out"
    (run* (host status n)
      (groupo (host status) ((counto n)) (service since) (statuso host service status since)))
    "SELECT host, status, count(*) FROM st WHERE until IS NULL GROUP BY host, status")
  (test-sql reader "how many services each host has that are not ok, none too"
    (run* (host n)
      (hosto host)
      (counto n (service status since) (statuso host service status since) (=/= status 'ok)))
    "SELECT name, (SELECT count(*) FROM st WHERE st.host = h.name AND until IS NULL AND status <> 0) FROM host h")
  (test-sql reader "answers as often as there are ways to them"
    (run* (host) (fresh (service status since until) (stateo host service status since until)))
    "SELECT host FROM st")
  (test-sql-in-order reader "the newest of each host, in an order"
    (run* (host service since)
      (ordero (host)
        (fresh () (hosto host)
          (onceo (ordero ((> since) service) (fresh (status) (statuso host service status since)))))))
    "SELECT host, service, since / 1e6 FROM st s WHERE until IS NULL AND service =
 (SELECT service FROM st o WHERE o.host = s.host AND until IS NULL ORDER BY since DESC, service LIMIT 1) ORDER BY host")
  (test-sql-in-order reader "the last reports"
    (run* (time host service)
      (limito 5 (ordero ((> time) host service)
                  (fresh (id plugin status summary) (reporto id host service time plugin status summary)))))
    "SELECT time / 1e6, host, service FROM rp ORDER BY time DESC, host, service LIMIT 5"))

(test-suite "questions against SQL"
  (call-with-small-herd
   (lambda (path)
     (write-store path two-alike)
     (let ((reader (open-reader path)))
       (open-herd path)
       (parameterize ((current-present small-herd-now))
         (test-questions reader)
         (test-patterns reader))
       (close-herd)
       (close-reader reader)))))
