# plugins_test.py -- plugins that raise, loop, wait or return nonsense cost their own reports only.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import signal
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

    def test_one_that_raises_is_logged_once_with_its_place(self):
        own = self.herd.file("own.scm", """
(use-modules (sheepdog plugin))
(define (read-it report)
  (list (fact "k" (+ 1 (report-ref report "n")))))
(define-plugin own "Count." #:receiver (lambda (report) (read-it report)))
""")
        path = configuration(self.herd, f'#:plugins \'("{own}")')
        self.daemon = Daemon(self.herd, path).start().ready()
        self.store = Store(self.herd)
        hand_in(self.herd, *(report("own", plugin="own", data={"n": n}) for n in ("x", "x", 1, "x")))
        self.store.wait_count(1)
        self.store.wait_count(3, "dead_letter")
        reasons = {reason for reason, _ in self.store.dead()}
        self.assertEqual(len(reasons), 1)
        reason = reasons.pop()
        self.assertTrue(reason.startswith(f"receiver own: {own}:4:19: "), reason)
        self.assertEqual(self.daemon.log().count(reason), 1, self.daemon.log())
        done = self.herd.run("sheepdog", "doctor")
        self.assertIn(f"mend the receiver {own}, ", done.stdout.decode())
        # What a receiver says of a report is not its fault.
        hand_in(self.herd, report("job", plugin="run", data={}))
        self.store.wait_count(4, "dead_letter")
        self.assertNotIn("receiver run", self.daemon.log())
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
        daemon.wait_log(f"monitor watcher: {self.herd.path}/watcher.scm:7:")
        self.others_go_on()
        self.herd.file("mended")
        wait_for(lambda: self.states("monitor watcher") == [(3, "no such thing"),
                                                            (0, "works again")], "it works")
        self.assertEqual(self.store.one("SELECT count(*) FROM report JOIN service "
                                        "USING(service_id) WHERE name = 'monitor watcher'"), 2)
        self.assertEqual(daemon.stop(), 0)

    def test_one_that_returns_nonsense(self):
        for what in ("42", "'(1 2)", "(list (report \"\"))", "(values 1 2 3)",
                     "(list (report \"x\" #:data (list car)))", "(raise-exception 42)",
                     "(error (make-string 2000000 #\\x))"):
            with self.subTest(what):
                daemon = self.watch(what)
                daemon.wait_log("warning monitor watcher: ")
                wait_for(lambda: self.states("monitor watcher")[-1:], "it is told")
                self.assertEqual(self.states("monitor watcher")[-1][0], 3)
                self.others_go_on()
                self.assertEqual(daemon.stop(), 0)

    def test_one_whose_error_takes_long_to_put_into_words(self):
        slow = ("(lambda (it port) (let ((end (+ (get-internal-real-time) (* 3/2 "
                "internal-time-units-per-second)))) (let loop () (when (< (get-internal-real-time) "
                "end) (loop)))) (display \"slow words\" port))")
        daemon = self.watch(f"(error \"x\" ((record-constructor (make-record-type 'slow '() {slow}))))")
        wait_for(lambda: self.states("monitor watcher"), "it is told")
        self.assertIn("slow words", self.states("monitor watcher")[0][1])
        self.others_go_on()
        self.assertEqual(daemon.stop(), 0)

    def test_a_report_that_the_core_refuses_fails_its_round_and_the_next_goes_on(self):
        for n, what in enumerate(("(list (report (make-string 300 #\\x)))",
                                  "(list (report \"a\\nb\"))",
                                  "(list (report \"x\" #:time +inf.0))",
                                  "(list (report \"x\" #:data (list (cons 'a car))))",
                                  "(list (report \"x\" #:data (list (cons 'a (make-string 2000000 "
                                  "#\\x)))))")):
            with self.subTest(what):
                flag = f"mended-{n}"
                daemon = self.watch(f'(if (file-exists? "{self.herd.path}/{flag}") '
                                    f'(list (report "watched {n}" #:status \'ok)) {what})')
                wait_for(lambda: len(self.states("monitor watcher")) == 2 * n + 1
                         and self.states("monitor watcher")[-1][0] == 3, "it is told")
                self.assertNotIn("trying again", daemon.log())
                self.others_go_on()
                self.herd.file(flag)
                wait_for(lambda: self.states("monitor watcher")[-1] == (0, "works again"),
                         "it works")
                wait_for(lambda: self.states(f"watched {n}"), "and reports")
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


VERSION = """
(use-modules (sheepdog plugin))
(define-plugin watcher
  "Count its rounds."
  #:every (milliseconds 20)
  #:options ((step 1 positive-integer? "How far each round counts."))
  #:monitor
  (lambda (options state)
    (let ((n (+ (option-ref options 'step) (or state 0))))
      (values %s n))))
"""
COUNT = "(list (report \"%s\" #:status 'ok #:data `((n . ,n))))"
SPIN = "(begin (let spin () (spin)) '())"


class Reloads(HerdCase):
    """A monitor and its past, where the configuration is read again or the daemon is started anew."""

    def version(self, what):
        self.plugin = self.herd.file("watcher.scm", VERSION % what)

    def configure(self, *options):
        return configuration(
            self.herd, monitors=f'(list (monitor "{self.plugin}" {" ".join(options)}))')

    def start(self, *options):
        self.store = Store(self.herd)
        self.daemon = Daemon(self.herd, self.configure(*options)).start().ready()

    def reload(self):
        before = self.daemon.log().count("in force")
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.daemon.log().count("in force") > before, "it is read again")

    def counted(self, service):
        """The count of each round that reported as SERVICE, in order."""
        return [json.loads(data)["n"] for data in self.store.column(
            "SELECT data FROM report JOIN service USING (service_id) WHERE name = ? "
            "ORDER BY report_id", service)]

    def more(self, service):
        before = len(self.counted(service))
        wait_for(lambda: len(self.counted(service)) > before + 5, f"more of {service}")

    def statuses(self):
        return self.store.rows(
            "SELECT o.status, coalesce(o.summary, r.summary) FROM observation o "
            "JOIN service USING (service_id) JOIN report r USING (report_id) "
            "WHERE name = 'monitor watcher' ORDER BY report_id")

    def test_after_many_of_them_the_last_version_alone_is_at_work(self):
        self.version(COUNT % "version 0")
        self.start()
        for n in range(1, 13):
            self.version(COUNT % f"version {n}")
            self.reload()
        self.more("version 12")
        before = {n: len(self.counted(f"version {n}")) for n in range(12)}
        self.more("version 12")
        self.assertEqual({n: len(self.counted(f"version {n}")) for n in range(12)}, before)
        self.assertNotIn("trying again", self.daemon.log())

    def test_one_that_has_not_changed_goes_on_with_its_state(self):
        self.version(COUNT % "count")
        self.start()
        self.more("count")
        for _ in range(5):
            self.reload()
        self.configure("#:every 0.03")
        self.reload()
        self.more("count")
        counts = self.counted("count")
        self.assertEqual(counts, sorted(counts))
        # One round may have been accepted when it was ended, and is made again.
        self.assertLessEqual(len(counts) - len(set(counts)), 1)
        self.configure("#:step 1000")
        self.reload()
        wait_for(lambda: 1000 in self.counted("count"), "other options begin anew")

    def test_one_that_is_not_wanted_any_more_ends(self):
        self.version(COUNT % "count")
        self.start()
        self.more("count")
        configuration(self.herd)
        self.reload()
        hand_in(self.herd, report("after"))
        wait_for(lambda: self.counted_rows("after"), "what came then is stored")
        before = len(self.counted("count"))
        hand_in(self.herd, report("later"))
        wait_for(lambda: self.counted_rows("later"), "what came then is stored")
        self.assertEqual(len(self.counted("count")), before)

    def counted_rows(self, service):
        return self.store.one("SELECT count(*) FROM report JOIN service USING (service_id) "
                              "WHERE name = ?", service)

    def test_the_recovery_of_one_that_failed_before_is_told_once(self):
        for restart in (False, True):
            with self.subTest(restart=restart):
                self.version('(error "no such thing")')
                self.start()
                wait_for(lambda: self.statuses()[-1:] == [(3, "no such thing")], "it is told")
                told = len(self.statuses())
                if restart:
                    self.assertEqual(self.daemon.stop(), 0)
                self.version(COUNT % f"mended {restart}")
                if restart:
                    self.daemon.start().ready()
                else:
                    self.reload()
                self.more(f"mended {restart}")
                self.assertEqual(self.statuses()[told:], [(0, "works again")])
                self.reload()
                self.assertEqual(self.daemon.stop(), 0)
                self.daemon.start().ready()
                self.more(f"mended {restart}")
                self.assertEqual(self.statuses()[told:], [(0, "works again")], "and not again")
                self.assertEqual(self.daemon.stop(), 0)

    def test_one_that_never_failed_says_nothing_of_that(self):
        self.version(COUNT % "count")
        self.start()
        self.more("count")
        self.reload()
        self.more("count")
        self.assertEqual(self.statuses(), [])

    def test_one_that_was_set_aside_gets_another_chance(self):
        self.version(SPIN)
        self.start()
        wait_for(lambda: self.statuses()[-1:] == [(2, "set aside: it held the daemon 3 times")],
                 "it is set aside")
        self.version(COUNT % "mended")
        self.reload()
        wait_for(lambda: self.statuses()[-1:] == [(0, "works again")], "it works")

    def test_one_that_failed_and_is_not_wanted_any_more_is_no_trouble(self):
        self.version('(error "no such thing")')
        self.start()
        wait_for(lambda: self.statuses()[-1:] == [(3, "no such thing")], "it is told")
        configuration(self.herd)
        self.reload()
        wait_for(lambda: self.statuses()[-1:] == [(0, "is not run any more")], "it is closed")


if __name__ == "__main__":
    unittest.main()
