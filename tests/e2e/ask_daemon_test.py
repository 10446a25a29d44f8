# ask_daemon_test.py -- sheepdog query --daemon: a daemon lets others ask its store, and takes no harm.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import socket
import stat
import time
import unittest

from another_user import only_root, program_as_nobody
from daemons import Daemon, Store, configuration, hand_in, report
from herd import HerdCase, wait_for

QUESTION = "(run* (h s) (fresh (status t) (statuso h s status t)))"
ENDLESS = "(let loop () (loop))"


class AskDaemon(HerdCase):
    def start(self, *settings):
        self.daemon = Daemon(self.herd, configuration(self.herd, *settings)).start().ready()
        hand_in(self.herd, report("web", status="critical"))
        Store(self.herd).wait_count(1)

    def query(self, *arguments, status=0):
        done = self.herd.run("sheepdog", "query", "--daemon", *arguments)
        self.error = done.stderr.decode()
        self.assertEqual(done.returncode, status, (arguments, done.stdout, done.stderr))
        return done.stdout.decode()

    def connect(self, user=None):
        """A connection, as USER, a number, where it is given."""
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.settimeout(30)
        if user is not None:
            os.seteuid(user)
        try:
            client.connect(os.path.join(self.herd.state_dir, "ask"))
        finally:
            if user is not None:
                os.seteuid(0)
        return client

    def assert_daemon_works(self):
        hand_in(self.herd, report("other"))
        self.assertIn('["alpha","web"]', self.query("--json", QUESTION).splitlines())

    def test_it_answers_as_the_store_does(self):
        self.start()
        self.assertEqual(self.query("--json", QUESTION), '["alpha","web"]\n')
        self.assertEqual(self.query("--csv", "-n", "1", "(run* (x) (conde ((== x 1)) ((== x 2))))"), "x\n1\n")
        self.assertIn("there are more than 1 answer", self.error)
        self.assertRegex(self.query("broken-now"), r"alpha +web +critical +\d{4}-")
        self.query("(run* (h) (hostoo h))", status=2)
        self.assertEqual(self.error, "sheepdog query: QUESTION:1:11: there is no hostoo; did you mean hosto?\n")
        left = os.path.join(self.herd.path, "evil")
        self.query(f'(system "touch {left}")', status=2)
        self.assertFalse(os.path.exists(left))
        for question, words in (('(string-pad "" 10000000000)', "needs more than 512 MiB of memory"),
                                (ENDLESS, "not all was searched within 500ms")):
            self.query("-t", "500ms", question, status=1)
            self.assertIn(words, self.error)
            self.assertEqual(self.error.count("\n"), 1, self.error)
        self.assert_daemon_works()
        self.assertEqual(self.daemon.stop(), 0)

    def refused(self, words, user=None):
        """What says whether a question of USER is refused with WORDS."""
        def refused():
            client = self.connect(user)
            self.send_question(client, QUESTION)
            return words in client.makefile("rb").read().decode()
        return refused

    def send_question(self, client, text, timeout=60):
        request = {"sources": [["QUESTION", text]], "limit": None, "timeout": timeout, "moment": None}
        try:
            client.sendall(json.dumps(request).encode() + b"\n")
        except BrokenPipeError:
            pass  # it was refused before

    def ask_endlessly(self, user=None):
        client = self.connect(user)
        self.send_question(client, ENDLESS)
        return client

    def test_only_so_many_of_one_user_at_once(self):
        self.start()
        clients = [self.ask_endlessly(), self.ask_endlessly()]
        wait_for(self.refused("2 questions of yours are being answered already; ask again in a moment"),
                 "a third question is refused")
        self.query(QUESTION, status=1)
        self.assertIn("2 questions of yours are being answered already", self.error)
        # Who leaves makes room, long before the time of the question is over.
        for client in clients:
            client.close()
        begin = time.monotonic()
        wait_for(lambda: self.herd.run("sheepdog", "query", "--daemon", QUESTION).returncode == 0,
                 "there is room again")
        self.assertLess(time.monotonic() - begin, 30)
        # The daemon ends with what it answers.
        self.ask_endlessly()
        begin = time.monotonic()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertLess(time.monotonic() - begin, 20)

    def test_who_only_connects_does_so_a_few_times(self):
        self.start()
        idle = [self.connect() for _ in range(8)]
        self.assertIn("8 connections of yours are open already; ask again in a moment",
                      json.loads(self.connect().makefile("rb").read().strip())["error"])
        self.query(QUESTION, status=1)
        self.assertIn("8 connections of yours are open already", self.error)
        for client in idle:
            client.close()
        wait_for(lambda: self.herd.run("sheepdog", "query", "--daemon", QUESTION).returncode == 0,
                 "there is room again")

    @only_root
    def test_only_so_many_of_all_users_at_once(self):
        self.start("#:askers 'anybody")
        os.chmod(self.herd.path, 0o711)
        os.chmod(self.herd.state_dir, 0o711)
        users = [65001, 65002, 65003, 65004]
        idle = [self.connect(user) for user in users for _ in range(8)]
        self.assertIn("32 connections are open already; ask again in a moment",
                      json.loads(self.connect(65005).makefile("rb").read().strip())["error"])
        for client in idle:
            client.close()
        wait_for(lambda: self.herd.run("sheepdog", "query", "--daemon", QUESTION).returncode == 0,
                 "there is room again")
        for user in users[:2]:
            for _ in range(2):
                self.ask_endlessly(user)
        wait_for(self.refused("4 questions are being answered already; ask again in a moment", users[2]),
                 "a fifth question is refused")

    def test_clients_that_make_no_sense(self):
        self.start()
        for line in (b"hello\n", b"[]\n", b'{"sources": "x", "timeout": 1}\n', b"\xff\xfe\n",
                     b'{"sources": [["a"]], "limit": null, "timeout": 1}\n',
                     b'{"sources": [], "limit": -1, "timeout": 1}\n',
                     b'{"sources": [], "limit": null, "timeout": 1, "moment": -1e300}\n',
                     b'{"sources": [], "limit": null, "timeout": 1, "moment": "now"}\n'):
            with self.subTest(line):
                client = self.connect()
                client.sendall(line)
                answer = client.makefile("rb").read().strip()
                self.assertIn("this is no question", json.loads(answer)["error"])
        for bytes in (b"", b'{"sources"', b"x" * 1000000):
            client = self.connect()
            try:
                client.sendall(bytes)
            except OSError:
                pass  # it heard enough
            client.close()
        # One that asks and listens no more.
        client = self.connect()
        client.sendall(json.dumps({"sources": [["a", "(run* (x) (let l ((n 0)) (conde ((== x n)) ((l (+ n 1))))))"]],
                                   "limit": None, "timeout": 1}).encode() + b"\n")
        self.assertTrue(client.recv(10))
        self.assert_daemon_works()
        client.close()
        self.assert_daemon_works()

    def test_what_is_refused_is_told(self):
        self.start()
        for size in (300000, 1000000):
            path = self.herd.file("large.scm", f'(list "{"x" * size}")')
            self.query("-f", path, status=1)
            self.assertEqual(self.error, "sheepdog query: a question to a daemon, with all that it defines, has at most "
                             "256 KiB\n")
        for moment in (time.time() + 1000, 1e300):
            client = self.connect()
            request = {"sources": [["a", QUESTION]], "limit": None, "timeout": 1, "moment": moment}
            client.sendall(json.dumps(request).encode() + b"\n")
            self.assertEqual(json.loads(client.makefile("rb").read().strip())["error"],
                             "the time that is asked about is yet to come")
        self.assert_daemon_works()

    def test_an_answer_of_somebody_else_is_read_with_care(self):
        path = os.path.join(self.herd.state_dir, "ask")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        listener.settimeout(30)
        self.addCleanup(listener.close)
        for lines, status, words in (
                (b'{"answer": ["\\u001b[2Jx"]}\n{"end": "complete"}\n', 0, ""),
                (b'{"hint": "\\u001b[2Jx\\ny"}\n{"end": "complete"}\n', 0, "sheepdog query: "),
                (b'{"hint": 5}\n{"end": "complete"}\n', 1, "the answers cannot be read"),
                (b'{"answer": {"symbol": 1}}\n{"end": "complete"}\n', 1, "the answers cannot be read"),
                (b'{"answer": {"number": "1e1000000000"}}\n{"end": "complete"}\n', 1, "the answers cannot be read"),
                (b'{"answer": [1]}\n', 1, "the answers end in the middle"),
                (b'{"end": "all"}\n', 1, "the answers end in the middle"),
                (b'{"error": "no\\nway", "status": 2}\n', 2, "no"),
                (b"x" * 3000000, 1, "a line is longer than 1.0 MiB")):
            with self.subTest(lines[:60]):
                process = self.herd.start("sheepdog", "query", "--daemon", "(run* (x) (hosto x))")
                client, _ = listener.accept()
                with client:
                    client.settimeout(30)
                    self.assertTrue(client.makefile("rb").readline().endswith(b"\n"))
                    try:
                        client.sendall(lines)
                    except OSError:
                        pass
                out, error = process.communicate(timeout=30)
                self.assertEqual(process.returncode, status, error)
                self.assertIn(words, error.decode())
                self.assertLessEqual(error.count(b"\n"), 1, error)
                self.assertNotIn(b"\x1b", out + error)

    def test_who_may_ask(self):
        self.start()
        path = os.path.join(self.herd.state_dir, "ask")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o007, 0)
        configuration(self.herd, "#:askers 'anybody")
        self.daemon.process.send_signal(1)  # SIGHUP
        wait_for(lambda: stat.S_IMODE(os.stat(path).st_mode) == 0o666, "anybody may ask")

    def test_without_a_daemon(self):
        self.query(QUESTION, status=3)
        self.assertIn(os.path.join(self.herd.state_dir, "ask") + ": nobody listens there", self.error)
        self.assertEqual(self.error.count("\n"), 1)

    @only_root
    def test_who_may_not_read_the_store_asks_the_daemon(self):
        as_nobody = program_as_nobody(self.herd, "sheepdog")
        self.start("#:askers 'anybody")
        os.chmod(self.herd.path, 0o711)
        os.chmod(self.herd.state_dir, 0o711)
        for name in os.listdir(self.herd.state_dir):
            if name.startswith("store.db"):
                os.chmod(os.path.join(self.herd.state_dir, name), 0o600)
        done = self.herd.run("sheepdog", "query", "--json", QUESTION, **as_nobody)
        self.assertEqual((done.stdout, done.returncode), (b'["alpha","web"]\n', 0), done.stderr)
        self.daemon.stop()
        done = self.herd.run("sheepdog", "query", "--json", QUESTION, **as_nobody)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"you may not read it", done.stderr)


if __name__ == "__main__":
    unittest.main()
