# hostile_test.py -- bad reports and users: what is refused is a dead letter, the rest goes on.
# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import unittest

from another_user import AS_NOBODY, NOBODY, only_root
from daemons import Daemon, Drop, QueueDaemon, Redis, Store, configuration, hand_in, report
from herd import HerdCase, program, wait_for

MEBIBYTE = 1 << 20


def of_size(size, **fields):
    """A report of exactly SIZE bytes."""
    text = json.dumps(report("large", data={"text": ""}, **fields))
    return text.replace('"text": ""', '"text": "%s"' % ("x" * (size - len(text)))).encode()


def with_fields(text):
    """A report whose last fields are TEXT, whatever that is."""
    return json.dumps(report("bad"))[:-1].encode() + b", " + text + b"}"


# What is refused, and what the reason says.
BAD = {
    "one byte over a mebibyte": (of_size(MEBIBYTE + 1), "1048577"),
    "ten mebibytes": (of_size(10 * MEBIBYTE), "10485760"),
    "a report cut off": (json.dumps(report())[:-9].encode(), "not JSON"),
    "no JSON": (b"service=job status=ok", "not JSON: wrong at byte 1"),
    "a list": (b"[1, 2]", "not a JSON object"),
    "a number": (b"17", "not a JSON object"),
    "two objects": (json.dumps(report()).encode() * 2, "not JSON"),
    "brackets without end": (b"[" * 500000, "nested deeper"),
    "deep nesting": (with_fields(b'"data": {"a": ' + b"[" * 1000 + b"]" * 1000 + b"}"),
                     "nested deeper"),
    "a lone surrogate, escaped": (with_fields(rb'"summary": "\ud800 alone"'), "not JSON"),
    "half a pair of surrogates": (with_fields(rb'"summary": "\ud83d and \u0041"'), "not JSON"),
    "a surrogate in UTF-8": (with_fields(b'"summary": "\xed\xa0\x80"'), "not JSON"),
    "Latin-1": (with_fields(b'"summary": "caf\xe9"'), "not JSON"),
    "a NUL byte": (with_fields(b'"summary": "a\x00b"'), "not JSON"),
    "a NUL in a name": (with_fields(rb'"service": "a\u0000b"'), "service has a control character"),
    "a name of 256 bytes": (with_fields(b'"service": "%s"' % (b"x" * 256)), "255 bytes"),
    "an empty name": (with_fields(b'"service": ""'), "service is empty"),
    "a name that is none": (with_fields(b'"service": 1'), "service is not a string"),
    "another version": (with_fields(b'"v": 2'), "version 2"),
    "an id that is none": (with_fields(b'"id": "17"'), "id is not a UUID"),
    "a status that is none": (with_fields(b'"status": "fine"'), "status is not one of"),
    "a time before 1970": (with_fields(b'"time": -1'), "time is not in seconds since 1970"),
    "a time in milliseconds": (with_fields(b'"time": 1795269742618'), "time is not in seconds"),
    "a time out of all range": (with_fields(b'"time": 1e400'), "a number is out of range"),
    "a time that is none": (with_fields(b'"time": "now"'), "time is not a number"),
    "data that is no object": (with_fields(b'"data": [1]'), "data is not an object"),
}

# What is odd, and accepted.
ODD = {
    "exactly a mebibyte": of_size(MEBIBYTE),
    "a pair of surrogates": with_fields(rb'"summary": "\ud83d\udc11"'),
    "escaped NULs": with_fields(rb'"summary": "a\u0000b", "data": {"a\u0000b": "c\u0000d"}'),
    "numbers at the edge": with_fields(
        b'"data": {"a": 1e308, "b": 99999999999999999999999, "c": -9223372036854775808}'),
    "members twice": with_fields(b'"data": {"a": 1, "a": 2}'),
    "many members": with_fields(b'"data": {%s}' % b", ".join(b'"k%d": %d' % (n, n)
                                                            for n in range(30000))),
    "the first second of 1970": with_fields(b'"time": 0'),
    "nothing but what is needed": b'{"host":"alpha","service":"bad"}',
    "a plugin that is not there": with_fields(b'"plugin": "no-such"'),
}


class Reports(HerdCase):
    """The same bad reports on both ways in."""

    def check_dead(self, store, dead_bodies):
        """Each of BAD is a dead letter with its reason, its first 64 KiB, its length and its hash."""
        rows = store.rows("SELECT reason, body, length, sha256 FROM dead_letter")
        self.assertEqual(len(rows), len(BAD))
        by_body = {bytes(body): (reason, length, sha) for reason, body, length, sha in rows}
        for name, (body, why) in BAD.items():
            with self.subTest(name):
                reason, length, sha = by_body[body[:65536]]
                self.assertIn(why, reason)
                if dead_bodies == "whole":
                    self.assertEqual((length, sha), (len(body), hashlib.sha256(body).hexdigest()))

    def check_large(self, store):
        self.assertEqual(store.one("SELECT length(data) > 1000000 FROM report JOIN service "
                                   "USING(service_id) WHERE name = 'large'"), 1)

    def check_good(self, store):
        self.check_large(store)
        self.assertEqual(store.one("SELECT count(*) FROM report WHERE unknown_plugin"), 1)
        self.assertEqual(store.one("SELECT count(*) FROM report WHERE time = 0"), 1)
        self.assertEqual(store.one("SELECT count(*) FROM report WHERE summary = '\U0001f411'"), 1)
        self.assertEqual(store.one("SELECT count(*) FROM report WHERE summary = 'a b'"), 1)

    def test_through_the_drop_socket(self):
        daemon = Daemon(self.herd).start().ready()
        store = Store(self.herd)
        with Drop(self.herd) as drop:
            for name, (body, why) in BAD.items():
                with self.subTest(name):
                    answer = drop.hand_in(body)
                    self.assertRegex(answer, "^error (invalid|unsupported): ")
                    self.assertIn(why, answer)
            for name, body in ODD.items():
                with self.subTest(name):
                    self.assertRegex(drop.hand_in(body), "^ok ")
        store.wait_count(len(ODD))
        store.wait_count(len(BAD), "dead_letter")
        self.check_dead(store, "beginning")
        self.check_good(store)
        hand_in(self.herd, report("after"))
        store.wait_count(len(ODD) + 1)
        self.assertEqual(daemon.stop(), 0)

    def test_through_xadd(self):
        redis = Redis(self.herd).start().ready()
        queue_daemon = QueueDaemon(
            self.herd, configuration(self.herd, f'#:broker "{redis.url}"')).start().ready()
        store = Store(self.herd)
        for _, (body, _) in BAD.items():
            redis.add(body)
        for body in ODD.values():
            redis.add(body)
        redis.cli("XADD", "sheepdog:reports", "*", "message", "in no field that we know")
        redis.cli("XADD", "sheepdog:reports", "*", "report", "{}", "report", "{}")
        redis.add(json.dumps(report("after")).encode())
        wait_for(lambda: redis.pending() == 0, "every entry is acknowledged")
        self.assertEqual(store.count(), len(ODD) + 1)
        odd = [reason for reason, body in store.dead()][len(BAD):]
        self.assertEqual(odd, ["a stream entry without a field named report", "host is missing"])
        self.check_good(store)
        self.assertEqual(queue_daemon.stop(), 0)

    def test_bad_json_that_a_daemon_passes_on_keeps_its_reason(self):
        redis = Redis(self.herd).start().ready()
        config = configuration(self.herd, f'#:broker "{redis.url}"')
        Daemon(self.herd, config).start().ready()
        QueueDaemon(self.herd, config).start().ready()
        store = Store(self.herd)
        with Drop(self.herd) as drop:
            for body, _ in BAD.values():
                drop.hand_in(body)
            for body in ODD.values():
                self.assertRegex(drop.hand_in(body), "^ok ")
        store.wait_count(len(ODD))
        store.wait_count(len(BAD), "dead_letter")
        self.check_dead(store, "beginning")
        self.check_good(store)

    def test_what_is_filled_in_on_the_way_does_not_count_against_the_size(self):
        redis = Redis(self.herd).start().ready()
        config = configuration(self.herd, f'#:broker "{redis.url}"')
        Daemon(self.herd, config).start().ready()
        QueueDaemon(self.herd, config).start().ready()
        store = Store(self.herd)
        body = of_size(MEBIBYTE, id=None, time=None, host=None)
        self.assertEqual(len(body), MEBIBYTE)
        with Drop(self.herd) as drop:
            self.assertRegex(drop.hand_in(body), "^ok ")
            self.assertRegex(drop.hand_in(body + b" "), "^error invalid: .* 1048577 bytes")
        store.wait_count(1)
        store.wait_count(1, "dead_letter")
        self.check_large(store)
        # Who sends it to Redis has filled it in, and all of it counts.
        redis.add(of_size(MEBIBYTE + 1))
        store.wait_count(2, "dead_letter")
        self.assertEqual(store.count(), 1)

    def test_a_line_without_end(self):
        daemon = Daemon(self.herd).start().ready()
        with Drop(self.herd) as drop:
            for _ in range(64):
                drop.connection.sendall(b"[" * MEBIBYTE)
            self.assertRegex(drop.hand_in(b""), "^error invalid: a line of 67108864 bytes")
        with open(f"/proc/{daemon.process.pid}/status") as file:
            peak = int(next(line for line in file if line.startswith("VmHWM")).split()[1])
        self.assertLess(peak, 100000, "kB: it is not kept")

    def test_dead_letters_are_bounded_and_counted(self):
        Daemon(self.herd).start().ready()
        store = Store(self.herd)
        with Drop(self.herd) as drop:
            for start in range(0, 12000, 1000):
                drop.connection.sendall(b"".join(b"bad %d\n" % n for n in range(start, start + 1000)))
                for _ in range(1000):
                    self.assertTrue(drop.answers.readline().startswith(b"error "))
        wait_for(lambda: 12000 == store.one(
            "SELECT (SELECT count(*) FROM dead_letter) + (SELECT coalesce(max(value), 0) FROM meta "
            "WHERE name = 'dead_letters_dropped')"), "all are kept or counted")
        self.assertLessEqual(store.count("dead_letter"), 10000)
        self.assertEqual(bytes(store.dead()[-1][1]), b"bad 11999")


class Times(HerdCase):
    def test_far_in_the_past_and_the_future(self):
        Daemon(self.herd).start().ready()
        before = time.time()
        hand_in(self.herd,
                report("past", time=1.5),
                report("little", time=before + 100),
                report("far", time=before + 86400),
                report("end", time=1e11))
        store = Store(self.herd)
        store.wait_count(4)
        rows = {name: (at / 1e6, arrival / 1e6, skew / 1e6) for name, at, arrival, skew in store.rows(
            "SELECT name, time, arrival, skew FROM report JOIN service USING(service_id)")}
        self.assertEqual(rows["past"][0], 1.5)
        self.assertAlmostEqual(rows["little"][0], before + 100, delta=0.01)
        self.assertEqual(rows["little"][2], 0)
        for name, ahead in (("far", 86400), ("end", 1e11 - before)):
            at, arrival, skew = rows[name]
            self.assertLess(at, arrival + 1)
            self.assertGreater(at, before - 1)
            self.assertAlmostEqual(skew, ahead, delta=30)

    def test_a_clock_that_jumps(self):
        """Back and forth by an hour: the newest time wins, and no interval ends before it begins."""
        Daemon(self.herd).start().ready()
        now = time.time()
        for n, offset in enumerate((0, -3600, 1, 3600, 2, -3599, 3)):
            hand_in(self.herd, report("clock", time=now + offset, status=["ok", "critical"][n % 2],
                                      plugin="fact", data={"n": n}))
        store = Store(self.herd)
        store.wait_count(7)
        for table in ("state", "fact"):
            intervals = store.rows(f"SELECT since, until FROM {table} ORDER BY since")
            for (since, until), (following, _) in zip(intervals, intervals[1:]):
                self.assertLess(since, until)
                self.assertLessEqual(until, following)
            self.assertIsNone(intervals[-1][1])
        self.assertEqual(store.one("SELECT count(*) FROM report WHERE skew <> 0"), 1)


def as_nobody(herd, code):
    """What CODE prints, run as the user nobody with a DROP that connects to the drop socket."""
    prelude = ("import json, socket, sys\n"
               "def hand_in(report):\n"
               "    with socket.socket(socket.AF_UNIX) as s:\n"
               f"        s.connect({os.path.join(herd.state_dir, 'drop')!r})\n"
               "        s.sendall(json.dumps(report).encode() + b'\\n')\n"
               "        return s.makefile().readline().strip()\n")
    done = subprocess.run([sys.executable, "-c", prelude + code], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=30, **AS_NOBODY)
    return done.stdout + done.stderr


@only_root
class Users(HerdCase):
    def setUp(self):
        super().setUp()
        self.daemon = Daemon(self.herd).start().ready()
        self.store = Store(self.herd)
        self.nobody = NOBODY.pw_uid

    def open_to_everyone(self):
        # What the machine's own daemon does with its socket.
        os.chmod(self.herd.path, 0o755)
        os.chmod(self.herd.state_dir, 0o755)
        os.chmod(os.path.join(self.herd.state_dir, "drop"), 0o666)

    def test_a_private_herd_is_private(self):
        self.assertIn("PermissionError", as_nobody(self.herd, "print(hand_in({'service': 'job'}))"))
        os.chmod(self.herd.path, 0o755)
        os.chmod(self.herd.state_dir, 0o755)
        self.assertIn("PermissionError", as_nobody(self.herd, "print(hand_in({'service': 'job'}))"))

    def test_another_users_service_host_and_plugins_are_not_theirs(self):
        self.open_to_everyone()
        hand_in(self.herd, report("nightly"), report("facts", plugin="fact", data={"k": 1}))
        self.store.wait_count(2)
        out = as_nobody(self.herd, """
for fields in ({'service': 'own'},
               {'service': 'nightly', 'status': 'critical'},
               {'service': 'own', 'host': 'alpha', 'uid': 0, 'summary': 'stamped'},
               {'service': 'own', 'host': 'beta'},
               {'service': 'liar', 'plugin': 'host', 'data': {}},
               {'service': 'liar', 'plugin': 'fact', 'data': {'k': 2}},
               {'service': 'honest', 'plugin': 'fact', 'data': {'n': 2}}):
    print(hand_in(fields))
""")
        # What the daemon knows is said at once; whose a service is, only the store knows.
        answers = out.splitlines()
        self.assertEqual(answers[3:5], [
            "error denied: only root may report for another host than alpha, not user "
            f"{self.nobody}",
            f"error denied: only root may send reports for plugin host, not user {self.nobody}"])
        self.assertEqual([line[:3] for line in answers[:3] + answers[5:]], ["ok "] * 5, out)
        self.store.wait_count(4, "dead_letter")
        self.store.wait_count(5)
        # Of what is committed together some is refused before it is stored, some while it is.
        facts, host, plugin, service = sorted(reason for reason, _ in self.store.dead())
        self.assertIn("another host", host)
        self.assertEqual(service, "service nightly belongs to root, "
                                  f"user {self.nobody} may not report it")
        self.assertIn(f"user {self.nobody}", plugin)
        self.assertIn("host", plugin)
        self.assertIn("facts", facts)
        self.assertEqual(
            self.store.rows("SELECT h.name, s.name, uid, owner FROM report JOIN service s "
                            "USING(service_id) JOIN host h USING(host_id) WHERE uid IS NOT NULL "
                            "ORDER BY report_id"),
            [("alpha", "own", self.nobody, self.nobody)] * 2
            + [("alpha", "honest", self.nobody, self.nobody)])
        self.assertEqual(self.store.column("SELECT status FROM state JOIN service USING(service_id) "
                                           "WHERE name = 'nightly'"), [0])
        # Root may report everybody's.
        hand_in(self.herd, report("own", status="critical"))
        self.store.wait_count(6)

    def test_send_says_what_is_refused_and_what_a_daemon_names_otherwise(self):
        self.open_to_everyone()
        reporter = os.path.join(self.herd.path, "sheepdog")
        shutil.copy(program("sheepdog"), reporter)  # where nobody reaches it
        os.chmod(reporter, 0o755)
        out = as_nobody(self.herd, f"""
import subprocess
for options in (["--plugin", "packages"], ["--host", "elsewhere"], ["-H", "unix:///no/such"]):
    done = subprocess.run([{reporter!r}, "send", "--state-dir", {self.herd.state_dir!r},
                           "--service", "own", *options], stderr=subprocess.PIPE, text=True)
    print(done.returncode, done.stderr.strip())
""")
        plugin, host, away = out.splitlines()
        self.assertEqual(plugin, "3 sheepdog send: not accepted: only root may send reports for "
                                 f"plugin packages, not user {self.nobody}")
        self.assertEqual(host, "3 sheepdog send: not accepted: only root may report for another "
                               f"host than alpha, not user {self.nobody}")
        self.assertRegex(away, "^0 sheepdog send: unix:///no/such: .*; sent by way of .*/drop "
                               "instead, under the name that the daemon there has for this host$")
        self.store.wait_count(1)
        self.assertEqual(self.store.column("SELECT h.name FROM report JOIN service USING(service_id) "
                                           "JOIN host h USING(host_id)"),
                         ["alpha"])

    def test_one_user_cannot_fill_the_spool(self):
        self.open_to_everyone()
        self.daemon.stop()
        redis = Redis(self.herd)  # is not started: everything waits
        Daemon(self.herd, configuration(self.herd, f'#:broker "{redis.url}"',
                                        "#:spool-size (mebibytes 4)")).start().ready()
        self.open_to_everyone()
        out = as_nobody(self.herd, """
import itertools
for n in itertools.count():
    answer = hand_in({'service': 'own', 'data': {'text': 'x' * 100000}})
    if not answer.startswith('ok '):
        print(n, answer)
        break
""")
        self.assertRegex(out, "^(9|10) error full: user [0-9]+ has as much waiting as a user may")
        hand_in(self.herd, report("nightly"))


if __name__ == "__main__":
    unittest.main()
