# redis_test.py -- Redis goes and comes back: reports wait, and arrive in order and once.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import time
import unittest

from daemons import Daemon, Drop, QueueDaemon, Redis, Store, configuration, hand_in, report
from herd import HerdCase, wait_for


class RedisCase(HerdCase):
    def setUp(self):
        super().setUp()
        self.redis = Redis(self.herd)
        config = configuration(self.herd, f'#:broker "{self.redis.url}"')
        self.daemon = Daemon(self.herd, config)
        self.queue_daemon = QueueDaemon(self.herd, config)
        self.store = Store(self.herd)

    def start_all(self):
        self.redis.start().ready()
        self.daemon.start().ready()
        self.queue_daemon.start().ready()

    def outcome(self, service):
        return self.store.rows(
            "SELECT outcome FROM run JOIN service USING(service_id) WHERE name = ?", service)

    def stream_is_done(self):
        wait_for(lambda: self.redis.pending() == 0, "every entry is acknowledged")


class Run(RedisCase):
    """What Redis does while a command is wrapped is no business of the command."""

    def wrapped(self, service, script="exit 0"):
        return self.herd.start("sheepdog", "run", "--service", service, "--", "/bin/sh", "-c",
                               script, stdin=-1)

    def test_stopped_before_a_run(self):
        self.daemon.start().ready()
        self.queue_daemon.start().ready()
        self.assertEqual(self.wrapped("before", "exit 7").wait(30), 7)
        self.assertEqual(self.store.count(), 0)
        self.redis.start().ready()
        self.store.wait_count(2)
        self.assertEqual(self.outcome("before"), [("failed",)])

    def test_stopped_during_a_run(self):
        self.start_all()
        run = self.wrapped("during", "echo started; read x; exit 7")
        run.stdout.readline()
        self.store.wait_count(1)
        self.redis.stop()
        run.communicate(b"\n", timeout=30)
        self.assertEqual(run.returncode, 7)
        self.redis.start().ready()
        self.store.wait_count(2)
        self.assertEqual(self.outcome("during"), [("failed",)])

    def test_stopped_after_a_run(self):
        self.redis.start().ready()
        self.daemon.start().ready()
        self.assertEqual(self.wrapped("after").wait(30), 0)
        wait_for(lambda: self.redis.cli("XLEN", "sheepdog:reports") == "2", "Redis has them")
        self.redis.stop()
        self.queue_daemon.start()
        self.queue_daemon.wait_log("is ready")
        self.redis.start().ready()
        self.store.wait_count(2)
        self.assertEqual(self.outcome("after"), [("succeeded",)])

    def test_straight_to_a_redis_that_is_away_ends_at_the_daemon(self):
        self.daemon.start().ready()
        done = self.herd.run("sheepdog", "run", "-H", self.redis.url, "--service", "straight",
                             "--", "/bin/sh", "-c", "exit 7")
        self.assertEqual(done.returncode, 7)
        self.redis.start().ready()
        self.queue_daemon.start()
        self.store.wait_count(2)
        self.assertEqual(self.outcome("straight"), [("failed",)])


class Away(RedisCase):
    def test_reports_wait_and_arrive_in_order_and_once(self):
        self.start_all()
        sent = []
        with Drop(self.herd) as drop:
            def some(n):
                for _ in range(n):
                    one = report(f"s{len(sent) % 7}", summary=str(len(sent)))
                    self.assertEqual(drop.hand_in(one), "ok " + one["id"])
                    sent.append(one["id"])
            some(50)
            for _ in range(3):
                self.redis.kill()
                some(50)
                self.redis.start().ready()
                some(50)
        self.store.wait_count(len(sent))
        self.assertEqual(self.store.ids(), sent)
        self.assertEqual(self.store.dead(), [])
        self.stream_is_done()

    def test_what_waits_survives_the_end_of_the_daemon(self):
        self.daemon.start().ready()
        sent = [report(summary=str(i)) for i in range(100)]
        hand_in(self.herd, *sent)
        self.daemon.kill()
        self.daemon.start().ready()
        self.assertEqual(self.daemon.stop(), 0)
        self.redis.start().ready()
        self.daemon.start()
        self.queue_daemon.start()
        self.store.wait_count(100)
        self.assertEqual(self.store.ids(), [one["id"] for one in sent])

    def test_a_daemon_that_runs_once_says_what_waits_and_passes_it_on_the_next_time(self):
        config = configuration(self.herd, f'#:broker "{self.redis.url}"',
                               monitors="(list (monitor 'load))", name="once.scm")
        for waiting in ("1 report waits", "2 reports wait"):
            done = self.herd.run("sheepdog-daemon", "--once", "-c", config)
            said = done.stderr.decode()
            self.assertEqual(done.returncode, 3, said)
            self.assertIn(self.redis.url, said.splitlines()[-1])
            self.assertIn(f"{waiting} in the spool for the next time", said.splitlines()[-1])
        self.redis.start().ready()
        done = self.herd.run("sheepdog-daemon", "--once", "-c", config)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.queue_daemon.start().ready()
        self.store.wait_count(3)

    def test_a_redis_that_forgets_its_group_is_read_from_the_start(self):
        self.start_all()
        first = [report() for _ in range(20)]
        hand_in(self.herd, *first)
        self.store.wait_count(20)
        self.redis.cli("DEL", "sheepdog:reports")
        second = [report() for _ in range(20)]
        hand_in(self.herd, *second)
        self.store.wait_count(40)
        self.assertEqual(self.store.ids(), [one["id"] for one in first + second])

    def test_a_second_store_gets_everything_too(self):
        self.start_all()
        sent = [report() for _ in range(20)]
        hand_in(self.herd, *sent)
        self.store.wait_count(20)
        other = self.herd.path + "/other"
        second = QueueDaemon(self.herd, self.queue_daemon.arguments[1], "--state-dir", other)
        second.log_path += ".second"
        second.start().ready()
        store = Store(self.herd)
        store.path = other + "/store.db"
        store.wait_count(20)
        self.assertEqual(store.ids(), [one["id"] for one in sent])

    def test_a_redis_that_would_forget_is_complained_of(self):
        self.redis.arguments[self.redis.arguments.index("--appendfsync") + 1] = "everysec"
        self.start_all()
        self.queue_daemon.wait_log("appendfsync always")

    def test_a_wrong_password_is_said_once_and_when_it_is_tried_again(self):
        self.redis.arguments += ["--requirepass", "right"]
        self.redis.start()
        wait_for(lambda: b"NOAUTH" in self.redis.try_cli("PING"), "Redis answers")
        config = configuration(self.herd, f'#:broker "unix://:wrong@{self.redis.socket}"')
        for program in (Daemon(self.herd, config), QueueDaemon(self.herd, config)):
            program.start()
            program.wait_log("is ready")
            program.wait_log("trying again at least every 5 s until it answers")
            self.assertEqual(program.stop(), 0)
            self.assertEqual(program.log().count("WRONGPASS"), 1, program.log())
            self.assertNotIn(":wrong@", program.log())

    def test_a_full_redis_is_waited_for(self):
        self.redis.arguments += ["--maxmemory", "1"]
        self.redis.start().ready()
        self.daemon.start().ready()
        self.queue_daemon.start()
        sent = [report() for _ in range(20)]
        hand_in(self.herd, *sent)
        self.daemon.wait_log("OOM")
        self.redis.cli("CONFIG", "SET", "maxmemory", "0")
        self.store.wait_count(20)
        self.assertEqual(self.store.ids(), [one["id"] for one in sent])


class Faulty(RedisCase):
    def setUp(self):
        super().setUp()
        self.redis.start().ready()

    def test_an_id_from_the_future_makes_no_time(self):
        self.queue_daemon.start().ready()
        ahead = int(time.time() + 400 * 86400)
        for one in (report("without", time=None), report("with", time=ahead - 86400)):
            self.redis.cli("XADD", "sheepdog:reports", f"{ahead * 1000 + len(one)}-0", "report",
                           json.dumps(one))
        self.store.wait_count(2)
        for name, arrival, when in self.store.rows(
                "SELECT s.name, arrival, time FROM report JOIN service s USING(service_id)"):
            self.assertLess(arrival, (time.time() + 60) * 1e6, name)
            self.assertLess(when, (time.time() + 60) * 1e6, name)
        self.redis.cli("XADD", "sheepdog:reports", "18446744073709551615-1", "report",
                       json.dumps(report("latest", time=None)))
        self.store.wait_count(3)

    def test_a_stream_that_is_none_is_asked_again(self):
        self.redis.cli("SET", "sheepdog:reports", "something else")
        self.queue_daemon.start()
        self.queue_daemon.wait_log("WRONGTYPE")
        self.redis.cli("DEL", "sheepdog:reports")
        self.redis.add(json.dumps(report()).encode())
        self.store.wait_count(1)

    def test_what_is_stored_is_judged_though_nothing_can_be_acknowledged(self):
        self.redis.cli("ACL", "SETUSER", "default", "-xack")
        self.queue_daemon.start().ready()
        self.redis.add(json.dumps(report(status="critical")).encode())
        self.store.wait_count(1, "incident")


if __name__ == "__main__":
    unittest.main()
