# meaning_test.py -- what the store makes of reports: order, doubles, packages that go, runs that vanish.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import random
import time
import unittest
import uuid

from daemons import Daemon, Store, configuration, hand_in, report
from herd import Herd, HerdCase, wait_for

PACKAGES = """
(use-modules (sheepdog plugin))
(define-plugin stock
  "Tell all packages of a host."
  #:receiver
  (lambda (report)
    (list (status (report-status report)) (facts 'stock (report-ref report "installed")))))
"""

TABLES = {
    "state": "SELECT h.name, s.name, since, until, state.status, r.uuid FROM state JOIN service s "
             "USING(service_id) JOIN host h USING(host_id) JOIN report r USING(report_id) "
             "ORDER BY 1, 2, 3",
    "fact": "SELECT h.name, k.name, since, until, value, r.uuid FROM fact JOIN host h "
            "USING(host_id) JOIN key k USING(key_id) JOIN report r USING(report_id) "
            "ORDER BY 1, 2, 3",
    "sample": "SELECT h.name, k.name, x.time, value, r.uuid FROM sample x JOIN host h "
              "USING(host_id) JOIN key k USING(key_id) JOIN report r USING(report_id) "
              "ORDER BY 1, 2, 3, 5",
    "interruption": "SELECT h.name, s.name, since, until, r.uuid FROM interruption JOIN service s "
                    "USING(service_id) JOIN host h USING(host_id) JOIN report r USING(report_id) "
                    "ORDER BY 1, 2, 3",
    "run": "SELECT r.uuid, started, ended, outcome, exit, s.name FROM run r JOIN service s "
           "USING(service_id) ORDER BY 1",
}


def history(dice):
    """Reports of a few services and facts at a few times, many of them at the same time."""
    base = time.time() - 86400

    def at():
        return base + dice.randrange(200)

    def identity():
        return str(uuid.UUID(int=dice.getrandbits(128)))

    def make(service, **fields):
        return report(service, **{"id": identity(), "host": dice.choice(["alpha", "beta"]),
                                  "time": at(), **fields})
    reports = [make(f"s{dice.randrange(3)}",
                    status=dice.choice(["ok", "warning", "critical", "unknown"]))
               for _ in range(150)]
    reports += [make("facts", plugin="fact", data={f"stock.p{dice.randrange(4)}": dice.choice(
        [1, 2, "text", None])}) for _ in range(80)]
    reports += [make("stock", plugin="stock", data={"installed": {
        f"p{n}": dice.randrange(3) for n in range(4) if dice.random() < 0.7}}) for _ in range(60)]
    reports += [make("samples", plugin="sample", data={"load": dice.random()}) for _ in range(50)]
    for n in range(30):
        run, host, started = identity(), dice.choice(["alpha", "beta"]), at()
        reports.append(make(f"r{n % 3}", plugin="run", host=host, time=started, data={
            "run": run, "phase": "start", "started": started}))
        if dice.random() < 0.8:
            outcome = dice.choice(["succeeded", "failed"])
            reports.append(make(f"r{n % 3}", plugin="run", host=host, time=started + 5, data={
                "run": run, "phase": "end", "started": started, "duration": 5, "exit": 1,
                "outcome": outcome}))
    return reports


class Order(HerdCase):
    def tables(self, reports):
        herd = Herd()
        self.addCleanup(herd.close)
        plugin = herd.file("stock.scm", PACKAGES)
        Daemon(herd, configuration(herd, f'#:plugins \'("{plugin}")')).start().ready()
        file = herd.file("history", "".join(json.dumps(one) + "\n" for one in reports))
        done = herd.run("sheepdog", "import", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        store = Store(herd)
        store.wait_count(len({one["id"] for one in reports}))
        self.assertEqual(store.dead(), [])
        return {name: store.rows(sql) for name, sql in TABLES.items()}

    def test_shuffled_and_doubled_input_gives_the_same_tables(self):
        seed = random.SystemRandom().randrange(1 << 32)
        dice = random.Random(seed)
        reports = history(dice)
        in_order = sorted(reports, key=lambda one: one["time"])
        shuffled = reports + dice.sample(reports, len(reports) // 2)
        dice.shuffle(shuffled)
        expected, found = self.tables(in_order), self.tables(shuffled)
        for name in TABLES:
            with self.subTest(table=name, seed=seed):
                self.assertGreater(len(expected[name]), 20)
                self.assertEqual(expected[name], found[name])


class Packages(HerdCase):
    def setUp(self):
        super().setUp()
        plugin = self.herd.file("stock.scm", PACKAGES)
        Daemon(self.herd, configuration(self.herd, f'#:plugins \'("{plugin}")')).start().ready()
        self.store = Store(self.herd)
        self.base = int(time.time()) - 1000

    def stock(self, at, **installed):
        hand_in(self.herd, report("stock", time=self.base + at, plugin="stock",
                                  data={"installed": installed}))

    def installed(self, at):
        return dict(self.store.rows(
            "SELECT name, value FROM fact JOIN key USING(key_id) "
            "WHERE since <= ?1 AND (until IS NULL OR until > ?1)", (self.base + at) * 1000000))

    def test_a_package_that_is_uninstalled_was_there_before_and_is_not_now(self):
        self.stock(0, nginx="1.22.1", bash="5.2")
        self.stock(100, nginx="1.22.1", bash="5.2")
        self.stock(200, nginx="1.24.0", bash="5.2")
        self.stock(300, bash="5.2")
        self.store.wait_count(4)
        self.assertEqual(self.installed(150), {"stock.nginx": "1.22.1", "stock.bash": "5.2"})
        self.assertEqual(self.installed(250), {"stock.nginx": "1.24.0", "stock.bash": "5.2"})
        self.assertEqual(self.installed(900), {"stock.bash": "5.2"})
        # A report that comes late says when it really went.
        self.stock(270, bash="5.2")
        self.store.wait_count(5)
        self.assertEqual(self.store.rows(
            "SELECT value, (since - ?1) / 1000000, (until - ?1) / 1000000 FROM fact "
            "JOIN key USING(key_id) WHERE name = 'stock.nginx' ORDER BY since",
            self.base * 1000000), [("1.22.1", 0, 200), ("1.24.0", 200, 270)])

    def ask(self, question):
        done = self.herd.run("sheepdog", "query", "--json", question)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_the_question_as_of_now_and_as_of_before(self):
        for at, packages in ((0, {"nginx": "1.22.1", "bash": "5.2"}), (500, {"bash": "5.2"})):
            hand_in(self.herd, report("packages", time=self.base + at, plugin="packages",
                                      data={"packages": packages}))
        self.store.wait_count(2)
        which = '(run* (host version) (packageo host "nginx" version))'
        self.assertEqual(self.ask(which), [])
        self.assertEqual(self.ask('(run* (version) (packageo "alpha" "bash" version))'), [["5.2"]])
        then = f"""(run* (host version) (fresh (since until)
                     (package-duringo host "nginx" version since until)
                     (<=o since {self.base + 250}) (>o until {self.base + 250})))"""
        self.assertEqual(self.ask(then), [["alpha", "1.22.1"]])
        self.assertEqual(self.ask(then.replace(str(self.base + 250), str(self.base + 501))), [])
        # Where it is installed again, it is there now, and was not in between.
        hand_in(self.herd, report("packages", time=self.base + 700, plugin="packages",
                                  data={"packages": {"nginx": "1.24.0", "bash": "5.2"}}))
        self.store.wait_count(3)
        self.assertEqual(self.ask(which), [["alpha", "1.24.0"]])
        self.assertEqual(self.ask(then.replace(str(self.base + 250), str(self.base + 600))), [])


class Runs(HerdCase):
    def outcome(self):
        return self.store.rows("SELECT outcome, ended IS NOT NULL FROM run")

    def setUp(self):
        super().setUp()
        self.daemon = Daemon(self.herd).start().ready()
        self.store = Store(self.herd)

    def start_run(self, script="echo; read x; exit 3"):
        run = self.herd.start("sheepdog", "run", "--service", "job", "--inform", "ann", "--",
                              "/bin/sh", "-c", script, stdin=-1)
        run.stdout.readline()
        self.store.wait_count(1)
        return run

    def test_a_run_whose_wrapper_is_killed_has_vanished(self):
        run = self.start_run()
        self.assertEqual(self.outcome(), [(None, 0)])
        run.kill()
        self.store.wait_count(2)
        self.assertEqual(self.outcome(), [("vanished", 1)])
        self.assertEqual(self.store.one("SELECT status FROM state WHERE until IS NULL"), 2)
        self.assertEqual(self.store.rows("SELECT name, data FROM event"),
                         [("inform", '{"who":"ann"}')])

    def test_a_run_that_outlives_its_daemon_has_not(self):
        run = self.start_run()
        self.daemon.kill()
        self.daemon.start().ready()
        # The wrapper comes back before its end; only then is it let go on.
        wait_for(lambda: self.connections() == 1, "the wrapper comes back")
        run.communicate(b"\n", timeout=30)
        self.assertEqual(run.returncode, 3)
        wait_for(lambda: self.outcome() == [("failed", 1)], "its end is told")

    def connections(self):
        """How many connections the daemon has accepted at its drop socket."""
        with open("/proc/net/unix") as file:
            drop = self.herd.state_dir + "/drop"
            # A connection of the daemon's own end has the socket's name and is connected (03).
            return sum(line.split()[5] == "03" for line in file if line.rstrip().endswith(drop))


if __name__ == "__main__":
    unittest.main()
