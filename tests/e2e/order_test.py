# order_test.py -- what is acknowledged was synced before, as the system calls show.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re
import shutil
import subprocess
import unittest

from daemons import Daemon, Drop, QueueDaemon, Redis, Store, configuration, report
from herd import HerdCase, program, wait_for

CALLS = "fsync,fdatasync,write,writev,pwrite64,sendto,sendmsg"
SYNCS = ("fsync", "fdatasync")


def tracer():
    """Why nothing can be traced here, or None."""
    if not shutil.which("strace"):
        return "there is no strace"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], stderr=subprocess.PIPE)
    return None if tried.returncode == 0 else "tracing is not permitted here"


class Call:
    """One system call of a trace: its name, its text, and where in the trace it began and ended."""

    def __init__(self, name, text, began):
        self.name = name
        self.text = text
        self.began = began
        self.ended = None  # it failed, or was cut off


def read_trace(path):
    """The calls of the trace at PATH, in the order in which they began."""
    calls, unfinished = [], {}
    with open(path, errors="replace") as file:
        for number, line in enumerate(file):
            thread, _, text = line.rstrip("\n").partition(" ")
            text = text.strip()
            resumed = re.match(r"<\.\.\. (\w+) resumed>", text)
            if resumed:
                call = unfinished.pop(thread)
            else:
                name = re.match(r"(\w+)\(", text)
                if not name:
                    continue
                call = Call(name[1], text, number)
                calls.append(call)
                if text.endswith("<unfinished ...>"):
                    unfinished[thread] = call
                    continue
            if re.search(r"\) += \d+$", text):
                call.ended = number
    return calls


class Order(HerdCase):
    def setUp(self):
        super().setUp()
        fault = tracer()
        if fault:
            if os.environ.get("CI"):
                self.fail(f"{fault}, and the checks need it")
            self.skipTest(fault)
        self.store = Store(self.herd)

    def trace(self, daemon):
        """Start DAEMON under strace; where the trace goes."""
        path = os.path.join(self.herd.path, daemon.name + ".trace")
        daemon.start(prefix=["strace", "-f", "-y", "-s", "4096", "-e", f"trace={CALLS}", "-o", path])
        daemon.ready()
        return path

    def end_traced(self, daemon):
        # The tracer passes on what it is sent only to itself; its child is the daemon.
        with open(f"/proc/{daemon.process.pid}/task/{daemon.process.pid}/children") as file:
            os.kill(int(file.read().split()[0]), 15)
        daemon.process.wait(30)

    def assert_synced(self, calls, file, holds, before):
        """A write to FILE of what HOLDS was synced when the call BEFORE began."""
        writes = [call for call in calls if call.name in ("write", "pwrite64", "writev")
                  and f"/{file}" in call.text and call.ended is not None
                  and call.ended < before.began and holds in call.text]
        self.assertTrue(writes, f"{holds} is written to {file} before {before.text}")
        path = re.search(r"<([^>]*)>", writes[0].text)[1]
        synced = [call for call in calls if call.name in SYNCS and call.ended is not None
                  and f"<{path}>" in call.text and call.began > writes[0].ended
                  and call.ended < before.began]
        self.assertTrue(synced, f"{path} is synced before {before.text}")

    def test_the_drop_socket_answers_after_the_sync(self):
        daemon = Daemon(self.herd, configuration(self.herd))
        path = self.trace(daemon)
        sent = [report(f"job {number}") for number in range(5)]
        with Drop(self.herd) as drop:
            for one in sent:
                self.assertEqual(drop.hand_in(one), "ok " + one["id"])
        self.store.wait_count(len(sent))
        self.end_traced(daemon)
        calls = read_trace(path)
        for one in sent:
            answer = [call for call in calls if f'"ok {one["id"]}' in call.text]
            self.assertEqual(len(answer), 1, f"the answer is one of {CALLS}")
            self.assert_synced(calls, "spool.db-wal", one["id"], answer[0])

    def test_redis_is_told_after_the_commit(self):
        redis = Redis(self.herd).start().ready()
        queue_daemon = QueueDaemon(self.herd,
                                   configuration(self.herd, f'#:broker "{redis.url}"'))
        path = self.trace(queue_daemon)
        for number in range(5):
            redis.add(b'{"host": "alpha", "service": "job", "summary": "number %d"}' % number)
            self.store.wait_count(number + 1)
            wait_for(lambda: redis.pending() == 0, "it is acknowledged")
        self.end_traced(queue_daemon)
        calls = read_trace(path)
        acknowledged = [call for call in calls if "XACK" in call.text]
        self.assertEqual(len(acknowledged), 5)
        for number, call in enumerate(acknowledged):
            self.assert_synced(calls, "store.db-wal", f"number {number}", call)

    def test_without_a_daemon_a_report_is_on_the_disk_before_its_reporter_ends(self):
        path = os.path.join(self.herd.path, "send.trace")
        done = subprocess.run(
            ["strace", "-f", "-y", "-s", "4096", "-e", f"trace={CALLS},rename,renameat,renameat2",
             "-o", path, program("sheepdog"), "send", "--service", "job", "--summary", "alone"],
            env=self.herd.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stderr)
        calls = read_trace(path)
        rename = next(call for call in calls if call.name.startswith("rename"))
        self.assert_synced(calls, "incoming/", "alone", rename)
        self.assertTrue([call for call in calls if call.name in SYNCS and call.ended is not None
                         and call.began > rename.ended and "/incoming>" in call.text],
                        "the name is synced too")


if __name__ == "__main__":
    unittest.main()
