# config_test.py -- configurations: a wrong one starts nothing and replaces none, a right one is taken up.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import signal
import unittest

from daemons import Daemon, QueueDaemon, Redis, Store, configuration, hand_in, report
from herd import HerdCase

# What is wrong, and the place and the words that say so.
WRONG = {
    "(configuration #:hots \"alpha\")": (
        3, 1, "unknown option #:hots, did you mean #:host?"),
    "(configuration\n #:monitors (list\n  (monitor 'disc)))": (
        5, 3, "there is no plugin disc, did you mean disk?"),
    "(configuration #:monitors (list (monitor 'disk #:warning \"x\")))": (
        3, 33, "#:warning is \"x\", it must be a percentage (0 to 100)"),
    "(configuration #:host \"a\\nb\")": (
        3, 1, "#:host is \"a\\nb\", which has a control character"),
    "(configuration #:host (make-string 256 #\\x))": (3, 1, "is longer than 255 bytes"),
    "(configuration #:broker 17)": (3, 1, "#:broker is 17, it must be"),
    "(configuration": (3, None, ""),
    "(configuration))": (3, None, ""),
    "(configurator)": (3, 1, "configurator is not defined"),
    "(+ 1 2)": (3, 1, "the last value of the file is not a (configuration ...)"),
    "(car '())": (3, 1, ""),
    "(begin (exit 0))": (3, 1, "it called (exit)"),
}
HEAD = "; a wrong one\n(use-modules (sheepdog config))\n"

PLUGIN = """
(use-modules (sheepdog plugin))
(define-plugin own
  "Say what this version says."
  #:receiver (lambda (report) (list (status '%s))))
"""


class Wrong(HerdCase):
    def test_nothing_is_started_and_the_place_is_said(self):
        path = self.herd.file("wrong.scm")
        for text, (line, column, words) in WRONG.items():
            self.herd.file("wrong.scm", HEAD + text)
            for program in (["sheepdog-daemon", "-c", path], ["sheepdog-daemon", "--check", "-c", path],
                            ["sheepdog-queue-daemon", "-c", path], ["sheepdog", "check", path]):
                with self.subTest(text, program=program):
                    done = self.herd.run(*program)
                    said = done.stderr.decode()
                    self.assertEqual(done.returncode, 2, said)
                    if column:
                        self.assertIn(f"{path}:{line}:{column}: ", said)
                    self.assertIn(path, said)
                    self.assertIn(words, said)
                    self.assertEqual(said.count("\n"), 1, said)
                    self.assertEqual(done.stdout, b"")
                    self.assertEqual(os.listdir(self.herd.state_dir), [])

    def test_one_that_is_not_there_or_not_ours(self):
        done = self.herd.run("sheepdog-daemon", "-c", self.herd.path + "/none.scm")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"none.scm: there is no such file", done.stderr)
        path = configuration(self.herd)
        os.chmod(path, 0o666)
        done = self.herd.run("sheepdog-daemon", "-c", path)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"others can write to this file", done.stderr)

    def test_one_that_never_ends_is_given_up(self):
        path = self.herd.file("endless.scm", HEAD + "(let loop () (loop))")
        done = self.herd.run("sheepdog-daemon", "-c", path, deadline=60)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(path.encode(), done.stderr)
        self.assertEqual(os.listdir(self.herd.state_dir), [])

    def test_the_plugin_that_is_wrong_is_named(self):
        plugin = self.herd.file("own.scm", "(use-modules (sheepdog plugin))\n(define-plugin own 17)")
        path = configuration(self.herd, f'#:plugins \'("{plugin}")')
        done = self.herd.run("sheepdog-daemon", "-c", path)
        self.assertEqual(done.returncode, 2)
        self.assertIn(plugin.encode(), done.stderr)


class Reload(HerdCase):
    def configure(self, status, *settings):
        plugin = self.herd.file("own.scm", PLUGIN % status)
        return configuration(self.herd, f'#:plugins \'("{plugin}")', *settings)

    def hup(self, daemon, text):
        before = len(daemon.log())
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_log("reading the configuration again")
        while text not in daemon.log()[before:]:
            daemon.wait_log(text)
        return daemon.log()[before:]

    others = ""  # settings that do not change

    def check(self, daemon, store, tell):
        number = store.count()

        def said():
            nonlocal number
            number += 1
            tell()
            store.wait_count(number)
            return store.one("SELECT status FROM observation ORDER BY report_id DESC LIMIT 1")
        self.assertEqual(said(), 0)
        self.configure("critical")
        self.herd.file("server-config.scm", HEAD + "(configuration #:hots 1)")
        log = self.hup(daemon, "the new configuration is refused, the old one stays: ")
        self.assertIn("server-config.scm:3:1: ", log)
        self.assertEqual(said(), 0, "the old one stays")
        self.configure("critical", '#:broker "redis://elsewhere"')
        self.assertIn("another #:broker needs a restart", self.hup(daemon, "refused"))
        self.assertEqual(said(), 0, "the old one stays")
        for setting, other in (("host", '"beta"'), ("spool-size", "(mebibytes 1)")):
            plugin = self.herd.path + "/own.scm"
            self.herd.file("server-config.scm", "(use-modules (sheepdog config))\n"
                           f"(configuration {self.others} #:plugins '(\"{plugin}\") "
                           + ("" if setting == "host" else '#:host "alpha" ')
                           + f"#:monitors '() #:{setting} {other})\n")
            self.assertIn(f"another #:{setting} needs a restart", self.hup(daemon, "refused"))
            self.assertEqual(said(), 0, "the old one stays")

    def test_of_a_herd_of_one(self):
        daemon = Daemon(self.herd, self.configure("ok")).start().ready()
        store = Store(self.herd)
        self.check(daemon, store,
                   lambda: hand_in(self.herd, report("own", plugin="own")))
        self.configure("critical")
        self.hup(daemon, "the new configuration is in force")
        hand_in(self.herd, report("own", plugin="own"))
        store.wait_count(6)
        self.assertEqual(
            store.column("SELECT status FROM observation ORDER BY report_id DESC LIMIT 1"), [2])
        self.assertEqual(daemon.stop(), 0)

    def test_of_the_queue_daemon(self):
        redis = Redis(self.herd).start().ready()
        self.others = broker = f'#:broker "{redis.url}"'
        daemon = QueueDaemon(self.herd, self.configure("ok", broker)).start().ready()
        store = Store(self.herd)

        def tell():
            redis.add(b'{"host": "alpha", "service": "own", "plugin": "own"}')
        self.check(daemon, store, tell)
        self.configure("critical", broker)
        self.hup(daemon, "the new configuration is in force")
        tell()
        store.wait_count(6)
        self.assertEqual(
            store.column("SELECT status FROM observation ORDER BY report_id DESC LIMIT 1"), [2])


if __name__ == "__main__":
    unittest.main()
