# repl_terminal_test.py -- sheepdog repl on a terminal: names are completed, lines are kept.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import pty
import select
import subprocess
import time
import unittest

from daemons import Daemon, configuration, hand_in, report, Store
from herd import HerdCase, program

PROMPT = b"scheme@(sheepdog user)> "
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
                                                   stderr=follower, env=environment, start_new_session=True))
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
        path = os.path.join(self.herd.path, ".sheepdog_history")
        with open(path) as file:
            self.assertIn("(run* (h) (hosto h))", file.read())
        # The line of before is there again.
        terminal = Terminal(self.herd)
        terminal.type("\x10\x10\x10\n", end=b'= ("alpha")')
        self.assertEqual(terminal.end(), 0)


if __name__ == "__main__":
    unittest.main()
