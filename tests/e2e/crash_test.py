# crash_test.py -- programs are killed at random moments; what was accepted is in the store, once.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import random
import sys
import threading
import time
import unittest
import uuid

from daemons import Daemon, Drop, QueueDaemon, Redis, Store, configuration
from herd import HerdCase, wait_for

SEED = int(os.environ.get("SHEEPDOG_SEED") or random.SystemRandom().randrange(1 << 32))
AHEAD = 32  # reports that a reporter sends before it reads the answer to the first
PACE = 400  # reports that each reporter sends in a second, at most


class Reporter(threading.Thread):
    """Hands in reports as they come, and once more those whose answer was lost with a daemon."""

    def __init__(self, herd, number):
        super().__init__(daemon=True)
        self.herd = herd
        self.number = number
        self.dice = random.Random(SEED + number)
        self.sent = 0
        self.accepted = []  # ids, in the order of the answers
        self.trouble = None
        self.done = threading.Event()

    def run(self):
        try:
            waiting = []  # that were sent and not answered
            while not self.done.is_set() or waiting:
                try:
                    with Drop(self.herd) as drop:
                        self.talk(drop, waiting)
                except OSError:
                    time.sleep(0.005)  # nobody listens, until it is started again
        except Exception as error:  # noqa: the test shows it
            self.trouble = error

    def talk(self, drop, waiting):
        again, waiting[:] = list(waiting), []
        while again or not self.done.is_set() or waiting:
            while len(waiting) < AHEAD and (again or not self.done.is_set()):
                line = again.pop(0) if again else self.next()
                waiting.append(line)
                try:
                    drop.connection.sendall(line[1])
                except OSError:
                    waiting += again
                    raise
            answer = drop.answers.readline().decode()
            if not answer.endswith("\n"):
                waiting += again
                raise ConnectionError("the daemon is gone")
            identity = waiting[0][0]
            if answer != f"ok {identity}\n":
                raise AssertionError(f"{answer!r} for {identity}")
            waiting.pop(0)
            self.accepted.append(identity)
            time.sleep(1 / PACE)

    def next(self):
        self.sent += 1
        identity = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        body = {"id": identity, "host": "alpha", "service": f"job {self.number}.{self.sent % 9}",
                "plugin": self.dice.choice(["message", "fact", "sample"]),
                "status": self.dice.choice(["ok", "ok", "warning", "critical"]),
                "summary": f"{self.number} {self.sent}", "time": time.time(),
                "data": {f"reporter{self.number}.n": self.sent}}
        return identity, json.dumps(body).encode() + b"\n"


class Killer(threading.Thread):
    """Kills PROGRAM so many times and starts it again: each second time at a random moment after its
    start, else after reports were accepted since then, so that they flow on a slow machine too."""

    def __init__(self, program, times, longest, number):
        super().__init__(daemon=True)
        self.program = program
        self.times = times
        self.longest = longest
        self.dice = random.Random(SEED ^ number)
        self.trouble = None
        self.accepted = None  # how many there are so far; a procedure

    def run(self):
        try:
            for number in range(self.times):
                if number % 2:
                    enough = self.accepted() + 50
                    wait_for(lambda: self.accepted() >= enough, "reports flow")
                time.sleep(self.dice.uniform(0, self.longest))
                status = self.program.process.poll()
                if status is not None:
                    raise AssertionError(
                        f"{self.program.name} ended itself, {status}: {self.program.log()}")
                self.program.kill()
                self.program.start()
        except Exception as error:  # noqa: the test shows it
            self.trouble = error


class Crash(HerdCase):
    def crash(self, killers, reporters=3):
        """Kill while reports flow; the accepted ids."""
        print(f"SHEEPDOG_SEED={SEED}", file=sys.stderr)
        feeding = [Reporter(self.herd, number) for number in range(reporters)]
        for killer in killers:
            killer.accepted = lambda: sum(len(reporter.accepted) for reporter in feeding)
        for thread in feeding + killers:
            thread.start()
        for killer in killers:
            killer.join(200)
            self.assertFalse(killer.is_alive(), f"{killer.program.name} cannot be killed")
        # On a busy machine fewer came through while it was being killed; thousands shall flow.
        wait_for(lambda: sum(len(reporter.accepted) for reporter in feeding) > 2000
                 or any(reporter.trouble for reporter in feeding), "thousands of reports", 120)
        for reporter in feeding:
            reporter.done.set()
        for reporter in feeding:
            reporter.join(60)
            self.assertFalse(reporter.is_alive(), "a reporter gets no answer")
        for thread in feeding + killers:
            if thread.trouble:
                raise thread.trouble
        return feeding

    def check(self, feeding):
        accepted = [identity for reporter in feeding for identity in reporter.accepted]
        print(f"{len(accepted)} reports accepted", file=sys.stderr)
        store = Store(self.herd)
        wait_for(lambda: set(accepted) <= set(store.ids()), "every accepted report is in the store",
                 deadline=60)
        ids = store.ids()
        self.assertEqual(len(ids), len(set(ids)), "each once")
        self.assertLessEqual(set(ids), set(accepted), "nothing that nobody sent")
        self.assertEqual(store.dead(), [])
        # What a report means was committed with it, and once too.
        self.assertEqual(store.rows("SELECT count(*), count(DISTINCT report_id) FROM observation"),
                         [(len(ids), len(ids))])
        self.assertEqual(
            store.one("SELECT count(*) FROM sample"),
            store.one("SELECT count(*) FROM report WHERE plugin = 'sample'"))
        self.assertEqual(store.one("PRAGMA integrity_check"), "ok")
        for reporter in feeding:
            self.assertEqual(
                store.one("SELECT max(value) FROM fact JOIN key USING(key_id) WHERE name = ?",
                          f"reporter{reporter.number}.n"),
                store.one("SELECT max(CAST(substr(summary, 3) AS INTEGER)) FROM report "
                          "WHERE plugin = 'fact' AND summary LIKE ?", f"{reporter.number} %"))

    def test_the_daemon_of_a_herd_of_one(self):
        daemon = Daemon(self.herd).start()
        feeding = self.crash([Killer(daemon, 50, 0.5, 1)])
        self.check(feeding)
        self.assertEqual(daemon.stop(), 0)

    def test_both_daemons_and_redis(self):
        redis = Redis(self.herd).start().ready()
        config = configuration(self.herd, f'#:broker "{redis.url}"')
        daemon = Daemon(self.herd, config).start()
        queue_daemon = QueueDaemon(self.herd, config).start()
        feeding = self.crash([Killer(daemon, 25, 1.0, 1), Killer(queue_daemon, 25, 1.0, 2),
                              Killer(redis, 15, 1.5, 3)])
        self.check(feeding)
        wait_for(lambda: redis.pending() == 0, "every entry is acknowledged")
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(queue_daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
