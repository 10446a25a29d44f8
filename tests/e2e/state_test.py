# state_test.py -- the state directory: its daemons, a store that cannot be written, a full disk.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import resource
import signal
import sqlite3
import subprocess
import time
import unittest

from another_user import NOBODY, program_as_nobody
from daemons import Daemon, Drop, QueueDaemon, Redis, Store, configuration, hand_in, report
from herd import HerdCase, wait_for


class Alone(HerdCase):
    """One daemon a state directory."""

    def test_a_second_daemon_is_refused_and_disturbs_nothing(self):
        daemon = Daemon(self.herd).start().ready()
        second = Daemon(self.herd)
        second.log_path += ".second"
        second.start()
        self.assertEqual(second.process.wait(30), 3)
        self.assertRegex(second.log(), "another daemon is running here, process "
                         f"{daemon.process.pid}\n")
        hand_in(self.herd, report())
        Store(self.herd).wait_count(1)

    def test_a_killed_daemon_does_not_keep_its_place(self):
        daemon = Daemon(self.herd).start().ready()
        daemon.kill()
        daemon.start().ready()
        hand_in(self.herd, report())
        Store(self.herd).wait_count(1)

    def test_two_directories_never_meet(self):
        Daemon(self.herd).start().ready()
        other = os.path.join(self.herd.path, "other")
        second = Daemon(self.herd, None, "--state-dir", other)
        second.log_path += ".second"
        second.start().ready()
        hand_in(self.herd, report())
        Store(self.herd).wait_count(1)
        store = Store(self.herd)
        store.path = os.path.join(other, "store.db")
        self.assertEqual(store.count(), 0)

    def test_a_second_queue_daemon_takes_over_from_one_that_is_killed(self):
        redis = Redis(self.herd).start().ready()
        config = configuration(self.herd, f'#:broker "{redis.url}"')
        first = QueueDaemon(self.herd, config).start().ready()
        second = QueueDaemon(self.herd, config)
        second.log_path += ".second"
        second.start().wait_log("waiting to take over")
        store = Store(self.herd)
        redis.add(b'{"host": "alpha", "service": "job"}')
        store.wait_count(1)
        first.kill()
        redis.add(b'{"host": "alpha", "service": "job"}')
        second.ready()
        store.wait_count(2)
        wait_for(lambda: redis.pending() == 0, "every entry is acknowledged")
        self.assertEqual(second.stop(), 0)

    def test_a_stand_by_ends_when_it_is_told_to(self):
        redis = Redis(self.herd).start().ready()
        config = configuration(self.herd, f'#:broker "{redis.url}"')
        QueueDaemon(self.herd, config).start().ready()
        second = QueueDaemon(self.herd, config)
        second.log_path += ".second"
        second.start().wait_log("waiting to take over")
        self.assertEqual(second.stop(), 0)


class Ending(HerdCase):
    def test_term_is_a_clean_end_within_two_seconds(self):
        redis = Redis(self.herd).start().ready()
        config = configuration(self.herd, f'#:broker "{redis.url}"')
        for daemon in (Daemon(self.herd, config), QueueDaemon(self.herd, config),
                       Daemon(self.herd, configuration(self.herd, name="local.scm"))):
            for number in (signal.SIGTERM, signal.SIGINT):
                with self.subTest(daemon=daemon.name, signal=number):
                    daemon.start().ready()
                    began = time.monotonic()
                    daemon.process.send_signal(number)
                    self.assertEqual(daemon.process.wait(30), 0)
                    self.assertLess(time.monotonic() - began, 2)

    def test_it_is_so_while_reports_flow_too(self):
        daemon = Daemon(self.herd).start().ready()
        with Drop(self.herd) as drop:
            drop.connection.setblocking(False)
            lines = b"".join(b'{"service": "job %d"}\n' % (n % 100) for n in range(20000))
            try:
                drop.connection.sendall(lines)
            except BlockingIOError:
                pass
            began = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - began, 2)


class Unwritable(HerdCase):
    """A store that this program cannot or must not write."""

    def setUp(self):
        super().setUp()
        self.daemon = Daemon(self.herd).start().ready()
        hand_in(self.herd, report())
        self.store = Store(self.herd)
        self.store.wait_count(1)
        self.assertEqual(self.daemon.stop(), 0)

    def edit(self, sql):
        connection = sqlite3.connect(self.store.path)
        connection.executescript(sql)
        connection.close()

    def test_a_newer_schema_is_left_alone(self):
        version = self.store.one("PRAGMA user_version")
        self.edit(f"PRAGMA user_version = {version + 1}")
        with open(self.store.path, "rb") as file:
            before = file.read()
        self.daemon.start()
        self.assertEqual(self.daemon.process.wait(30), 3)
        self.assertIn(f"the store has schema {version + 1}, this program knows schemas up to "
                      f"{version}", self.daemon.log())
        with open(self.store.path, "rb") as file:
            self.assertEqual(file.read(), before)
        self.edit(f"PRAGMA user_version = {version}")
        self.daemon.start().ready()
        hand_in(self.herd, report())
        self.store.wait_count(2)

    def test_something_else_in_its_place_is_left_alone(self):
        with open(self.store.path, "wb") as file:
            file.write(b"my thesis, only copy\n" * 1000)
        self.daemon.start()
        self.assertEqual(self.daemon.process.wait(30), 3)
        self.assertIn(self.store.path, self.daemon.log())
        with open(self.store.path, "rb") as file:
            self.assertEqual(file.read(), b"my thesis, only copy\n" * 1000)

    def test_a_store_that_cannot_be_written_is_said_at_the_start(self):
        os.chmod(self.store.path, 0o444)
        options = {}
        if os.geteuid() == 0:
            # Root can write everything; nobody else's daemon can.
            os.chmod(self.herd.path, 0o755)
            os.chown(self.herd.state_dir, NOBODY.pw_uid, NOBODY.pw_gid)
            for name in os.listdir(self.herd.state_dir):
                if not name.startswith("store.db"):
                    os.chown(os.path.join(self.herd.state_dir, name), NOBODY.pw_uid, NOBODY.pw_gid)
            options = program_as_nobody(self.herd, "sheepdog-daemon")
        self.daemon.start(**options)
        self.assertEqual(self.daemon.process.wait(30), 3)
        self.assertRegex(self.daemon.log(), f"{self.store.path}: .*(read|denied|written)")
        self.assertEqual(self.store.count(), 1)


class FullDisk(HerdCase):
    """A limit on the size of files stands in for the disk; every user has one to set."""

    def limited(self, daemon, limit):
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def test_what_does_not_fit_is_not_accepted_and_what_was_is_kept(self):
        daemon = Daemon(self.herd).start().ready()
        store = Store(self.herd)
        with Drop(self.herd) as drop:
            first = report("first")
            self.assertEqual(drop.hand_in(first), "ok " + first["id"])
            store.wait_count(1)
            self.limited(daemon, 200000)
            accepted, refused = [first["id"]], 0
            for _ in range(60):
                one = report("large", data={"text": "x" * 30000})
                answer = drop.hand_in(one)
                if answer.startswith("ok "):
                    accepted.append(one["id"])
                else:
                    self.assertRegex(answer, "^error (full|io): ")
                    refused += 1
            self.assertGreater(refused, 0)
            self.limited(daemon, resource.RLIM_INFINITY)
            last = report("last")
            wait_for(lambda: drop.hand_in(last) == "ok " + last["id"], "there is room again")
            accepted.append(last["id"])
        wait_for(lambda: set(accepted) <= set(store.ids()), "every accepted report is stored")
        self.assertEqual(len(store.ids()), len(accepted), "and no refused one")
        self.assertEqual(store.dead(), [])
        self.assertEqual(daemon.stop(), 0)

    def test_a_full_store_holds_reports_up_and_loses_none(self):
        redis = Redis(self.herd).start().ready()
        queue_daemon = QueueDaemon(
            self.herd, configuration(self.herd, f'#:broker "{redis.url}"')).start().ready()
        store = Store(self.herd)
        redis.add(b'{"host": "alpha", "service": "first"}')
        store.wait_count(1)
        self.limited(queue_daemon, 100000)
        for _ in range(20):
            redis.add(b'{"host": "alpha", "service": "large", "data": {"text": "%s"}}'
                      % (b"x" * 30000))
        queue_daemon.wait_log("trying again")
        self.limited(queue_daemon, resource.RLIM_INFINITY)
        store.wait_count(21)
        wait_for(lambda: redis.pending() == 0, "every entry is acknowledged")
        self.assertEqual(store.dead(), [])

    def test_a_disk_that_is_really_full(self):
        disk = os.path.join(self.herd.path, "disk")
        os.mkdir(disk)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk],
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("nothing can be mounted here")
        self.herd.also_close(lambda: subprocess.run(["umount", "-l", disk], check=True))
        self.herd.environment["SHEEPDOG_STATE_DIR"] = self.herd.state_dir = disk
        daemon = Daemon(self.herd).start().ready()
        store = Store(self.herd)
        with Drop(self.herd) as drop:
            first = report("first")
            self.assertEqual(drop.hand_in(first), "ok " + first["id"])
            store.wait_count(1)
            filler = os.path.join(disk, "filler")
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * 4096)
                except OSError:
                    pass
            answers = [drop.hand_in(report("large", data={"text": "x" * 30000}))
                       for _ in range(20)]
            self.assertRegex(answers[-1], "^error (full|io): ")
            # A command runs all the same.
            done = self.herd.run("sheepdog", "run", "--", "/bin/sh", "-c", "echo out; exit 5")
            self.assertEqual((done.returncode, done.stdout), (5, b"out\n"))
            self.assertIn(b"could not be reported", done.stderr)
            os.unlink(filler)
            last = report("last")
            wait_for(lambda: drop.hand_in(last) == "ok " + last["id"], "there is room again")
        accepted = sum(answer.startswith("ok ") for answer in answers) + 2
        store.wait_count(accepted)
        self.assertEqual(store.count(), accepted)
        self.assertEqual(store.dead(), [])
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
