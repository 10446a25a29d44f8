# repl_terminal_test.py -- sheepdog repl on a terminal: names are completed, lines are kept, Ctrl-C leaves what runs.
# SPDX-License-Identifier: GPL-3.0-or-later
import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time
import unittest

from daemons import Daemon, configuration, hand_in, report, Store
from herd import HerdCase, program, wait_for

PROMPT = b"scheme@(sheepdog user)> "
NEW_PROMPT = b"\n" + PROMPT  # not one that readline shows again
CTRL_C = "\x03"
READLINE = subprocess.run(["guile", "--no-auto-compile", "-c", "(use-modules (ice-9 readline))"],
                          stderr=subprocess.DEVNULL).returncode == 0


class Terminal:
    """Somebody at the keyboard of sheepdog repl."""

    def __init__(self, herd):
        self.herd = herd
        environment = dict(herd.environment, TERM="dumb", HOME=herd.path)
        environment.pop("GUILE_HISTORY", None)
        self.leader, follower = pty.openpty()
        self.process = herd.adopt(subprocess.Popen([program("sheepdog"), "repl"], stdin=follower, stdout=follower,
                                                   stderr=follower, env=environment, start_new_session=True,
                                                   preexec_fn=lambda: fcntl.ioctl(follower, termios.TIOCSCTTY, 0)))
        os.close(follower)
        self.greeting = self.hear(PROMPT)

    def hear(self, end, deadline=30):
        """What is said up to END."""
        text = b""
        limit = time.monotonic() + deadline
        while end not in text:
            if not select.select([self.leader], [], [], max(0, limit - time.monotonic()))[0]:
                raise AssertionError(f"{end!r} is not in {text!r}")
            text += os.read(self.leader, 65536)
        return text.decode()

    def type(self, text, end=PROMPT):
        os.write(self.leader, text.encode())
        return self.hear(end)

    def interrupt(self):
        """What is said after Ctrl-C."""
        return self.type(CTRL_C, end=NEW_PROMPT)

    def history(self):
        path = os.path.join(self.herd.path, ".sheepdog_history")
        if not os.path.exists(path):
            return ""
        with open(path) as file:
            return file.read()

    def end(self):
        os.write(self.leader, b",quit\n")
        status = self.process.wait(30)
        os.close(self.leader)
        return status


class ReplOnATerminal(HerdCase):
    def setUp(self):
        super().setUp()
        Daemon(self.herd, configuration(self.herd)).start().ready()
        hand_in(self.herd, report("web", status="critical"))
        Store(self.herd).wait_count(1)

    def test_it_says_what_can_be_asked(self):
        terminal = Terminal(self.herd)
        self.assertIn(f"The store is {self.herd.state_dir}/store.db", terminal.greeting)
        self.assertIn(",ask broken-now", terminal.greeting)
        self.assertIn("critical", terminal.type(",ask broken-now\n"))
        self.assertEqual(terminal.end(), 0)

    @unittest.skipUnless(READLINE, "Guile has no readline here")
    def test_names_are_completed_and_lines_kept(self):
        terminal = Terminal(self.herd)
        terminal.type("(run* (h) (hosto h))\n", end=b'= ("alpha")')
        terminal.type("(procedure? interruptio\t)\n", end=b"= #t")
        self.assertEqual(terminal.end(), 0)
        self.assertIn("(run* (h) (hosto h))", terminal.history())
        # The line of before is there again.
        terminal = Terminal(self.herd)
        terminal.type("\x10\x10\x10\n", end=b'= ("alpha")')
        self.assertEqual(terminal.end(), 0)

    @unittest.skipUnless(READLINE, "Guile has no readline here")
    def test_names_of_questions_and_commands_are_completed(self):
        terminal = Terminal(self.herd)
        terminal.type(",as\t", end=b",ask ")
        terminal.type("broken-n\t", end=b"broken-now ")
        self.assertIn("critical", terminal.type("\n", end=NEW_PROMPT))
        # Guile has hostent:addrtype and its like, which are in no question.
        self.assertNotIn("hostent", terminal.type("host\t\t", end=b"hosto"))
        # Ctrl-U, which takes back what is typed.
        terminal.type("\x15(define mine-alone 42)\n", end=NEW_PROMPT)
        terminal.type("mine-a\t", end=b"mine-alone ")
        terminal.type("\n", end=b"= 42\r\n" + PROMPT)
        terminal.type("(hostent:addrt\t", end=b"hostent:addrtype ")
        terminal.type("#(1 2 3 4 5))\n", end=b"= 3\r\n" + PROMPT)
        self.assertEqual(terminal.end(), 0)

    def test_ctrl_c_at_the_prompt_gives_a_fresh_one(self):
        terminal = Terminal(self.herd)
        terminal.type("(+ 40 2)\n", end=b"= 42\r\n" + PROMPT)
        terminal.type("(nonsense", end=b"(nonsense")
        self.assertNotIn("nonsense", terminal.interrupt())
        terminal.type("(list 1\n", end=b"... " if READLINE else b"\n")
        terminal.interrupt()
        terminal.type("(+ 3 4)\n", end=b"= 7")
        terminal.type("(car 1)\n", end=b"[1]> ")
        terminal.type(CTRL_C, end=b"\nscheme@(sheepdog user) [1]> ")
        terminal.type(",quit\n", end=NEW_PROMPT)
        self.assertEqual(terminal.end(), 0)
        if READLINE:
            self.assertIn("(+ 40 2)", terminal.history())

    def test_a_command_goes_over_lines(self):
        terminal = Terminal(self.herd)
        terminal.type(",ask (run* (h)\n", end=b"\n... " if READLINE else b"\n")
        self.assertIn("alpha", terminal.type("(hosto h))\n", end=NEW_PROMPT))
        terminal.type(",ask (run* (h)\n", end=b"\n... " if READLINE else b"\n")
        terminal.interrupt()
        terminal.type("(+ 40 2)\n", end=b"= 42\r\n" + PROMPT)
        self.assertEqual(terminal.end(), 0)
        if READLINE:
            self.assertIn(",ask (run* (h)\n(hosto h))\n", terminal.history())

    def test_ctrl_c_leaves_a_question(self):
        terminal = Terminal(self.herd)
        left = "interrupted; what was asked is abandoned\r\n"
        # The words are put together, so that what is typed is not taken for them.
        endless = '(begin (display (string-append "it-" "runs")) (force-output) (let loop () (loop)))'
        for count, question in enumerate((f"(run* (s) (fresh (h e) (serviceo h s) (project (s) {endless})))",
                                          f",ask (run* (s) (fresh (h e) (serviceo h s) (project (s) {endless})))",
                                          endless)):
            terminal.type(question + "\n", end=b"it-runs")
            self.assertIn(left, terminal.interrupt())
            # A snapshot that was still held would not have it.
            hand_in(self.herd, report(f"later-{count}"))
            Store(self.herd).wait_count(count + 2)
            terminal.type("(run* (s) (fresh (h) (serviceo h s)))\n", end=f'"later-{count}"'.encode())
        # What is one step of the store's.
        terminal.type('(begin (display (string-append "it-" "runs")) (force-output) (select-one reader "WITH '
                      'RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"))\n',
                      end=b"it-runs")
        self.assertIn(left, terminal.interrupt())
        terminal.type('(select-one reader "SELECT count(*) FROM report")\n', end=b"= (4)")
        self.assertEqual(terminal.end(), 0)

    @unittest.skipUnless(READLINE, "Guile has no readline here")
    def test_lines_are_kept_whatever_ends_it(self):
        terminal = Terminal(self.herd)
        terminal.type("(+ 40 2)\n", end=b"= 42\r\n" + PROMPT)
        wait_for(lambda: "(+ 40 2)" in terminal.history(), "the line in the history")
        terminal.process.send_signal(signal.SIGKILL)
        terminal.process.wait(30)
        self.assertIn("(+ 40 2)", terminal.history())


if __name__ == "__main__":
    unittest.main()
