# clock_test.py -- the machine's clock is set while everything runs: an hour forward, a day back.
# SPDX-License-Identifier: GPL-3.0-or-later
import glob
import json
import os
import time
import unittest

from daemons import Daemon, Store, configuration
from herd import HerdCase, wait_for

LIBRARIES = [path for directory in ("/usr/lib/*/faketime", "/usr/lib/faketime",
                                    os.path.expanduser("~/.guix-profile/lib/faketime"))
             for path in glob.glob(f"{directory}/libfaketime.so.1")]

TICK = '''(define-module (sheepdog plugins tick) #:use-module (sheepdog plugin))
(define-plugin tick
  "Tell that the daemon's rounds go on."
  #:every 1/4
  #:monitor (lambda (options) (list (report "tick" #:status 'ok)))
  #:receiver (lambda (report) (list (status 'ok) (fact "last.tick" (report-time report)))))
'''
PERIOD = 0.25


class SetClock:
    """The clock of day of HERD's programs, which is ahead of ours by OFFSET ("+1h"); that which
    only measures stays as it is."""

    def __init__(self, herd):
        self.path = os.path.join(herd.path, "clock")
        self.set("+0")
        herd.environment.update(
            LD_PRELOAD=LIBRARIES[0], FAKETIME_TIMESTAMP_FILE=self.path, FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1", NO_FAKE_STAT="1")

    def set(self, offset):
        with open(self.path + ".new", "w") as file:
            file.write(offset)
        os.rename(self.path + ".new", self.path)


class ClockThatIsSet(HerdCase):
    def setUp(self):
        if not LIBRARIES:
            if os.environ.get("CI"):
                self.fail("libfaketime is missing")
            self.skipTest("libfaketime is missing")
        super().setUp()
        self.clock = SetClock(self.herd)
        self.told = os.path.join(self.herd.path, "told")
        plugin = self.herd.file("tick.scm", TICK)
        self.daemon = Daemon(self.herd, configuration(
            self.herd, f"#:notify (list (command '(\"/bin/sh\" \"-c\" \"cat >>{self.told}\")))",
            monitors=f'(list (monitor "{plugin}"))')).start().ready()
        self.store = Store(self.herd)

    def ticks(self):
        return self.store.one("SELECT count(*) FROM report WHERE plugin = 'tick'") or 0

    def wait_ticks(self):
        """Rounds go on, none is made up for; returns how long four took."""
        first = self.ticks()
        wait_for(lambda: self.ticks() > first, "a round")
        begin, counted = time.monotonic(), self.ticks()
        wait_for(lambda: self.ticks() >= counted + 4, "four rounds")
        self.assertGreater(time.monotonic() - begin, 2.5 * PERIOD)

    def run_job(self, command):
        self.herd.run("sheepdog", "run", "--service", "job", "--", "sh", "-c", command)

    def status(self):
        return {row["service"]: row for row in
                json.loads(self.herd.run("sheepdog", "status", "--json").stdout)}

    def job_is(self, status):
        wait_for(lambda: self.status().get("job", {}).get("status") == status, f"job is {status}")

    def notices(self):
        try:
            with open(self.told) as file:
                return [json.loads(line)["state"] for line in file]
        except FileNotFoundError:
            return []

    def history(self, *arguments):
        return json.loads(self.herd.run("sheepdog", "history", "--json", *arguments).stdout)

    def clock_now(self):
        """What the herd's programs take for the present."""
        return self.store.one("SELECT arrival FROM report ORDER BY report_id DESC LIMIT 1") / 1e6

    def test_an_hour_forward_and_a_day_back(self):
        self.wait_ticks()
        self.run_job("true")
        self.job_is("ok")
        since = self.status()["tick"]["since"]

        # A job that runs while it happens.
        flag = os.path.join(self.herd.path, "flag")
        running = self.herd.start("sheepdog", "run", "--service", "long", "--", "sh", "-c",
                                  f"until test -e {flag}; do sleep 0.05; done")
        wait_for(lambda: self.status().get("long", {}).get("running"), "the long job runs")
        begun = time.monotonic()

        self.clock.set("+3600")
        self.wait_ticks()
        self.assertGreater(self.clock_now(), time.time() + 3000)
        self.assertEqual(self.status()["tick"]["since"], since)
        self.assertEqual(self.store.one("SELECT value FROM fact JOIN key USING (key_id) "
                                        "WHERE name = 'last.tick' AND until IS NULL") > since + 3000,
                         True)
        self.run_job("true")
        self.assertIsNotNone(self.status()["long"]["running"])

        self.clock.set("-86400")
        self.wait_ticks()
        self.assertLess(self.clock_now(), time.time() - 80000)
        self.daemon.wait_log("the clock was set back by")
        self.assertEqual(self.status()["tick"]["since"], since)
        self.assertEqual(self.notices(), [])

        open(flag, "w").close()
        self.assertEqual(running.wait(30), 0)
        lasted = time.monotonic() - begun
        wait_for(lambda: self.status()["long"]["status"] == "ok", "the long job is over")
        end = self.history("long", "--limit", "1")[0]
        self.assertLess(end["data"]["duration"], lasted + 1)
        self.assertEqual(self.store.column("SELECT DISTINCT outcome FROM run"), ["succeeded"])

        # What breaks now is seen and told now, and so is its end.
        self.run_job("exit 3")
        self.job_is("critical")
        wait_for(lambda: self.notices() == ["open"], "it is told")
        self.assertEqual([row["status"] for row in self.history("job", "--limit", "1")],
                         ["critical"])
        doctor = self.herd.run("sheepdog", "doctor").stdout.decode()
        self.assertIn("ahead of this machine's clock", doctor)

        # The same after a restart, which knows of the clock by the store alone.
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.start().ready()
        self.run_job("true")
        self.job_is("ok")
        wait_for(lambda: self.notices() == ["open", "closed"], "its end is told")

        # And back to what is right.
        self.clock.set("+7200")
        self.wait_ticks()
        self.run_job("exit 3")
        self.job_is("critical")
        self.assertLess(abs(self.status()["job"]["since"] - time.time() - 7200), 60)
        wait_for(lambda: self.notices() == ["open", "closed", "open"], "it is told again")
        self.assertEqual(self.store.dead(), [])
        times = [row["time"] for row in self.history("--limit", "1000")]
        self.assertEqual(times, sorted(times))
        self.assertEqual(self.daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
