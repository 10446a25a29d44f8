# plugins_test.py -- plugins that raise, loop, wait or return nonsense cost their own reports only.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import unittest

from daemons import Daemon, Store, configuration, hand_in, report
from herd import HerdCase, wait_for

PLUGIN = """
(use-modules (sheepdog plugin))
(define here (current-module))
(define circle (list 1 2))
(set-cdr! (cdr circle) circle)
(define (stubborn) (catch #t (lambda () (let spin () (spin))) (const #t)) (stubborn))
(define-plugin hostile
  "Do whatever a report says."
  #:receiver
  (lambda (report)
    (eval (call-with-input-string (report-ref report "do") read) here)))
"""

# What a receiver does, and what the reason says.
RECEIVERS = {
    "(error \"oh no\" 17)": "oh no 17",
    "(car '())": "expecting pair",
    "(error (make-string 100000 #\\x3bb))": "\u03bb\u03bb\u2026",
    "(make-string 100000 #\\x)": "the receiver returned \"xxx",
    "(no-such-procedure)": "no-such-procedure",
    "(throw 'strange)": "strange",
    "(throw 'misc-error \"who\" \"~a ~a ~a\" '(1) #f)": "receiver hostile",
    "(raise-exception 42)": "42",
    "(raise-exception circle)": "receiver hostile",
    "(error \"circle\" circle)": "circle",
    "(exit 3)": "receiver hostile",
    "(abort-to-prompt 'nobody)": "receiver hostile",
    "(sleep 1000)": "receiver hostile",
    "42": "not a list of assertions",
    "'ok": "not a list of assertions",
    "circle": "not a list of assertions",
    "(cons 1 2)": "not a list of assertions",
    "'(1 2)": "value 1 that the receiver returned is no assertion",
    "(list (vector))": "value 1",
    "(list (vector 'status))": "assertion 1 (status)",
    "(list (vector 'status 'fine))": "assertion 1 (status)",
    "(list (vector 'fact \"k\" circle))": "assertion 1 (fact)",
    "(list (vector 'event 'e circle))": "assertion 1 (event)",
    "(list (vector 'event 'e (list car)))": "assertion 1 (event)",
    "(list (vector 'sample \"k\" (/ 0. 0.)))": "assertion 1 (sample)",
    "(list (vector 'run \"x\" 'start))": "assertion 1 (run)",
    "(list (fact 'k 1) (fact 'k 2))": "two different things",
    "(list (fact \"a\\nb\" 1))": "control character",
    "(list (vector 'facts \"a\" circle))": "assertion 1 (facts)",
    "(list (status 'ok #:host \"\"))": "is empty",
}


class Receivers(HerdCase):
    def start(self):
        plugin = self.herd.file("hostile.scm", PLUGIN)
        self.config = configuration(self.herd, f'#:plugins \'("{plugin}")')
        self.daemon = Daemon(self.herd, self.config).start().ready()
        self.store = Store(self.herd)

    def hostile(self, what, **fields):
        return report("hostile", plugin="hostile", summary=what, data={"do": what}, **fields)

    def test_one_that_raises_or_returns_nonsense_costs_its_own_report_only(self):
        self.start()
        sent = []
        for what in RECEIVERS:
            sent += [self.hostile(what), report("good"),
                     self.hostile("(list (status 'ok) (fact 'k 1))")]
        hand_in(self.herd, *sent)
        good = [one["id"] for one in sent if one.get("summary") not in RECEIVERS]
        self.store.wait_count(len(good))
        self.assertEqual(self.store.ids(), good)
        self.store.wait_count(len(RECEIVERS), "dead_letter")
        dead = {json.loads(body)["summary"]: reason for reason, body in self.store.dead()}
        for what, why in RECEIVERS.items():
            with self.subTest(what):
                self.assertIn(why, dead[what])
                self.assertLess(len(dead[what].encode()), 1100)
        self.assertEqual(self.daemon.stop(), 0)

    def test_one_that_loops_is_ended_and_after_three_times_set_aside(self):
        self.start()
        loop = "(let spin () (spin))"
        hand_in(self.herd, self.hostile(loop), report("between"), self.hostile("(stubborn)"),
                self.hostile("(list (status 'ok))"), self.hostile(loop),
                self.hostile("(list (status 'ok))"), report("after"))
        self.store.wait_count(3)
        self.store.wait_count(4, "dead_letter")
        self.assertEqual(self.store.column(
            "SELECT name FROM report JOIN service USING(service_id) ORDER BY report_id"),
            ["between", "hostile", "after"])
        reasons = [reason for reason, _ in self.store.dead()]
        for reason in reasons[:3]:
            self.assertIn("did not end within 1 s", reason)
        self.assertIn("set aside", reasons[3])
        self.daemon.wait_log("set aside until the next reload")
        # A reload gives it another chance.
        self.daemon.process.send_signal(1)
        self.daemon.wait_log("in force")
        hand_in(self.herd, self.hostile("(list (status 'warning))"))
        self.store.wait_count(4)


MONITOR = """
(use-modules (sheepdog plugin))
(define (stubborn) (catch #t (lambda () (let spin () (spin))) (const #t)) (stubborn))
(define-plugin watcher
  "Look at nothing."
  #:every (milliseconds 50)
  #:monitor (lambda (options) %s))
"""


class Monitors(HerdCase):
    def watch(self, what):
        plugin = self.herd.file("watcher.scm", MONITOR % what)
        daemon = Daemon(self.herd, configuration(
            self.herd, monitors=f'(list (monitor "{plugin}") (monitor \'load #:every 0.2))'))
        self.store = Store(self.herd)
        daemon.start().ready()
        return daemon

    def states(self, service):
        return self.store.rows("SELECT status, (SELECT summary FROM report r WHERE r.report_id = "
                               "state.report_id) FROM state JOIN service USING(service_id) "
                               "WHERE name = ? ORDER BY since", service)

    def others_go_on(self):
        loads = "SELECT count(*) FROM report WHERE plugin = 'load'"
        before = self.store.one(loads) or 0
        wait_for(lambda: (self.store.one(loads) or 0) > before + 1, "other monitors go on")

    def test_one_that_fails_is_told_of_once_and_so_is_its_recovery(self):
        flag = self.herd.path + "/mended"
        daemon = self.watch(f'(if (file-exists? "{flag}") \'() (error "no such thing"))')
        wait_for(lambda: self.states("monitor watcher") == [(3, "no such thing")], "it is told")
        self.others_go_on()
        self.herd.file("mended")
        wait_for(lambda: self.states("monitor watcher") == [(3, "no such thing"),
                                                            (0, "works again")], "it works")
        self.assertEqual(self.store.one("SELECT count(*) FROM report JOIN service "
                                        "USING(service_id) WHERE name = 'monitor watcher'"), 2)
        self.assertEqual(daemon.stop(), 0)

    def test_one_that_returns_nonsense(self):
        for what in ("42", "'(1 2)", "(list (report \"\"))", "(values 1 2 3)",
                     "(list (report \"x\" #:data (list car)))"):
            with self.subTest(what):
                daemon = self.watch(what)
                daemon.wait_log("warning monitor watcher: ")
                wait_for(lambda: self.states("monitor watcher")[-1:], "it is told")
                self.assertEqual(self.states("monitor watcher")[-1][0], 3)
                self.others_go_on()
                self.assertEqual(daemon.stop(), 0)

    def test_one_that_waits_for_ever_holds_up_nobody(self):
        daemon = self.watch("(sleep 1000000)")
        self.others_go_on()
        self.assertEqual(daemon.stop(), 0)

    def test_one_that_never_ends_its_step_is_set_aside(self):
        daemon = self.watch("(stubborn)")
        wait_for(lambda: self.states("monitor watcher")[-1:]
                 == [(2, "set aside: it held the daemon 3 times")], "it is set aside")
        self.others_go_on()
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
