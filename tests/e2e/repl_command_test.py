# repl_command_test.py -- sheepdog repl, at a daemon and at the store.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
import stat
import unittest

from command_case import CommandCase


class ReplTest(CommandCase):
    def talk(self, text):
        return self.sheepdog("repl", "--daemon", input=text.encode())

    def test_a_state_directory_with_a_long_name(self):
        self.herd.state_dir = os.path.join(self.herd.path, *["directory" * 8] * 3)
        os.makedirs(self.herd.state_dir, 0o700)
        self.herd.environment["SHEEPDOG_STATE_DIR"] = self.herd.state_dir
        self.start_daemon()
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")
        status, out, _ = self.talk("(+ 40 2)\n")
        self.assertEqual(status, 0)
        self.assertIn("= 42", out)
        self.assertIn("sheepdog-daemon runs", self.sheepdog("doctor")[1])

    def test_no_repl_is_no_reason_to_end(self):
        os.mkdir(os.path.join(self.herd.state_dir, "repl"))
        self.start_daemon()
        self.wait_for_log("there will be no REPL")
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")

    def test_the_living_daemon(self):
        self.start_daemon()
        path = os.path.join(self.herd.state_dir, "repl")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0)
        status, out, _ = self.talk("(+ 40 2)\n(car 1)\n,q\n(begin (sleep 0.2) 'woke)\n"
                                   "(configuration-broker (service-configuration service))\n")
        self.assertEqual(status, 0)
        for text in ("= 42", "Wrong type argument", "= woke", "= local"):
            self.assertIn(text, out)
        # Two at once, one of which goes away in the middle of its expression.
        with socket.socket(socket.AF_UNIX) as rude:
            rude.connect(path)
            rude.sendall(b"(define x (list 1\n")
            self.assertIn("= 7", self.talk("(+ 3 4)\n(exit 1)\n")[1])
        self.send("--service", "after", "--status", "ok")
        self.wait_for_services("after")
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(10), 0)

    def test_no_daemon(self):
        status, _, err = self.talk("(+ 1 2)\n")
        self.assertEqual(status, 3)
        self.assertIn("does sheepdog-daemon run with this state directory?", err)

    def test_at_the_store(self):
        self.start_daemon()
        self.send("--service", "web", "--status", "warning")
        self.wait_for_services("web")
        status, out, _ = self.sheepdog(
            "repl", input=b"(map service-state-status (read-services reader))\n")
        self.assertEqual(status, 0)
        self.assertIn("= (warning)", out)


if __name__ == "__main__":
    unittest.main()
