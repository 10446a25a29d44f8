# doctor_test.py -- doctor: what it finds, and what it says to do about it.
# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import json
import os
import subprocess
import time
import unittest

from another_user import only_root, program_as_nobody
from command_case import CommandCase
from daemons import Drop
from herd import Redis, wait_for


class DoctorTest(CommandCase):
    def test_a_healthy_daemon_and_none(self):
        self.start_daemon()
        status, out, err = self.sheepdog("doctor", "-c", self.config)
        self.assertEqual((status, err), (0, ""), out)
        findings = {f["part"]: f for f in self.rows("doctor")}
        self.assertIn(str(self.daemon.pid), findings["daemon"]["summary"])
        self.assertEqual(findings["integrity"]["status"], "ok")
        self.daemon.terminate()
        self.daemon.wait(10)
        status, out, _ = self.sheepdog("doctor")
        self.assertEqual(status, 1)
        self.assertIn("no sheepdog-daemon runs", out)
        self.assertIn("-> start sheepdog-daemon", out)

    def settings(self, *arguments):
        """The findings about settings, broker and spool."""
        findings = {f["part"]: f for f in self.rows("doctor", *arguments)}
        return findings["settings"], findings["broker"], findings.get("spool")

    def test_the_settings_of_the_daemon_that_runs_are_looked_at(self):
        settings, broker, _ = self.settings()
        self.assertIn("no daemon has run with this state directory", settings["summary"])
        self.assertIn("local", broker["summary"])
        self.start_daemon("""(configuration #:broker "redis://:secret@127.0.0.1:1" #:spool-size (mebibytes 1)
                                            #:monitors '())""")
        for n in range(9):
            self.send("--service", f"s{n}", "--status", "ok", "--data", '{"x": "' + "x" * 100000 + '"}')
        for there in (True, False):
            settings, broker, spool = self.settings()
            self.assertEqual(settings["status"], "ok")
            self.assertIn(self.config, settings["summary"])
            self.assertEqual((broker["status"], spool["status"]), ("critical", "critical"))
            self.assertIn("127.0.0.1:1", broker["summary"])
            self.assertIn("of 1.0 MiB", spool["summary"])
            if there:
                self.assertIn(f"those of sheepdog-daemon, process {self.daemon.pid}: ", settings["summary"])
                self.daemon.terminate()
                self.daemon.wait(10)
        self.assertIn("no daemon runs; taken for what the last sheepdog-daemon had", settings["summary"])
        # The configuration itself has the password; what the daemon left has not.
        with open(os.path.join(self.herd.state_dir, "sheepdog-daemon.settings")) as left:
            self.assertNotIn("secret", left.read())
        with open(self.config, "w") as file:
            file.write("(configuration #:hots 1)")
        settings, broker, spool = self.settings()
        self.assertEqual(settings["status"], "warning")
        self.assertIn("the file is wrong: ", settings["summary"])
        self.assertIn("server-config.scm:1:1: configuration: unknown option #:hots", settings["summary"])
        self.assertIn("no daemon starts with it", settings["advice"])
        self.assertIn("127.0.0.1:1", broker["summary"])
        self.assertIn("of 1.0 MiB", spool["summary"])
        # What was said on the command line goes before it.
        good = self.herd.file("good.scm", "(configuration)")
        settings, broker, _ = self.settings("-c", good)
        self.assertIn(f"those of {good}", settings["summary"])
        self.assertIn("local", broker["summary"])
        # Nobody else can say which code is to be read.
        os.chmod(os.path.join(self.herd.state_dir, "sheepdog-daemon.settings"), 0o666)
        self.assertIn("no daemon has run", self.settings()[0]["summary"])

    def test_a_wrong_file_of_a_running_daemon(self):
        self.start_daemon()
        with open(self.config, "w") as file:
            file.write("(configuration #:hots 1)")
        settings, _, _ = self.settings()
        self.assertEqual(settings["status"], "warning")
        self.assertIn("the file is wrong: ", settings["summary"])
        self.assertIn(f"kill -HUP {self.daemon.pid}", settings["advice"])

    def test_a_watched_machine_needs_no_store(self):
        redis = Redis(self.herd)
        self.start_daemon(f'(configuration #:broker "{redis.url}" #:monitors (quote ()))')
        store = lambda: {f["part"]: f for f in self.rows("doctor")}["store"]
        self.assertEqual(store()["status"], "ok")
        self.assertIn("sheepdog-queue-daemon", store()["summary"])
        self.daemon.terminate()
        self.daemon.wait(10)
        self.assertEqual(store()["status"], "warning")

    def test_a_store_that_is_damaged(self):
        self.herd.file("state/store.db", "no database, " * 1000)
        findings = {f["part"]: f for f in self.rows("doctor")}
        self.assertEqual(findings["store"]["status"], "critical")
        self.assertIn("bring back a backup, as README.org says", findings["store"]["advice"])

    def test_what_is_no_directory(self):
        for command in ("status", "doctor"):
            status, out, err = self.sheepdog(command, "--state-dir", "/etc/passwd")
            self.assertEqual((status, out), (2, ""))
            self.assertIn("/etc/passwd is not a directory", err)

    @only_root
    def test_who_may_not_read_is_told_so(self):
        self.start_daemon()
        as_nobody = program_as_nobody(self.herd, "sheepdog")
        os.chmod(self.herd.path, 0o755)
        for closed in (self.herd.state_dir, self.herd.path):
            os.chmod(closed, 0o700)
            status, out, err = self.sheepdog("doctor", "--json", **as_nobody)
            self.assertEqual((status, err), (1, ""))
            findings = {f["part"]: f for f in json.loads(out)}
            self.assertEqual(sorted(findings), ["directory", "versions"])
            self.assertEqual(findings["directory"]["summary"],
                             f"{self.herd.state_dir}: you may not read it")
            self.assertEqual(findings["directory"]["advice"], "ask as its owner or root")
            status, out, err = self.sheepdog("status", **as_nobody)
            self.assertEqual(status, 3)
            self.assertIn("you may not read it; ask as its owner or root", err)

    def test_a_group_that_nobody_reads_as_any_more_is_named(self):
        redis = Redis(self.herd)
        self.assertNotIn("groups", {f["part"] for f in self.rows("doctor", "-H", redis.url)})
        redis.command("XADD", "sheepdog:reports", "1000-1", "report", '{"host": "h", "service": "s"}')
        redis.command("XGROUP", "CREATE", "sheepdog:reports", "forgotten", "0")
        config = self.herd.file("queue.scm", f'(configuration #:broker "{redis.url}")')
        os.chmod(config, 0o600)
        self.herd.start("sheepdog-queue-daemon", "-c", config, stderr=subprocess.DEVNULL)
        wait_for(lambda: redis.command("XINFO", "GROUPS", "sheepdog:reports").count("name") == 2,
                 "the group of our store")
        # Found by the settings of the daemon; our own group is read as.
        [groups] = wait_for(lambda: [f for f in self.rows("doctor") if f["part"] == "groups"], "a finding")
        self.assertEqual(groups["status"], "warning")
        self.assertIn("nobody has read as the group forgotten", groups["summary"])
        self.assertIn("XGROUP DESTROY sheepdog:reports forgotten", groups["advice"])
        redis.command("XGROUP", "DESTROY", "sheepdog:reports", "forgotten")
        self.assertNotIn("groups", {f["part"] for f in self.rows("doctor")})

    def test_each_fault_has_its_advice(self):
        self.start_daemon()
        self.send("--service", "n", "--plugin", "sample", "--data", '{"x": "y"}')
        wait_for(lambda: "dead letter" in self.sheepdog("status")[1], "a dead letter")
        os.chmod(self.herd.state_dir, 0o777)
        for hopeless in ("rediss://localhost", "localhost:99999", ""):
            status, out, err = self.sheepdog("doctor", "-H", hopeless)
            self.assertEqual((status, out), (2, ""))
            self.assertRegex(err, "^sheepdog: -H: broker address: .*redis://")
        findings = {f["part"]: f for f in self.rows("doctor", "-H", "127.0.0.1:1")}
        os.chmod(self.herd.state_dir, 0o700)
        self.assertEqual(findings["directory"]["status"], "critical")
        self.assertEqual(findings["broker"]["status"], "critical")
        self.assertEqual(findings["dead letters"]["status"], "warning")
        self.assertIn("7 days after the last one", findings["dead letters"]["advice"])
        for part in ("directory", "broker", "dead letters"):
            self.assertTrue(findings[part]["advice"], part)


    def test_dead_letters_are_shown_with_what_they_say(self):
        self.start_daemon()
        self.assertEqual(self.sheepdog("doctor", "--dead-letters"),
                         (0, "There are no dead letters.\n", ""))
        self.assertEqual(self.rows("doctor", "--dead-letters"), [])
        bodies = [b"first\x1b[2J \xff", b"x" * 1000, '{"s": "\u00e9"'.encode()]
        with Drop(self.herd) as drop:
            for body in bodies:
                self.assertRegex(drop.hand_in(body), "^error invalid: ")
        wait_for(lambda: len(self.rows("doctor", "--dead-letters")) == 3, "three dead letters")
        letters = self.rows("doctor", "--dead-letters")
        self.assertEqual([letter["body"] for letter in letters],
                         [body.decode(errors="replace") for body in bodies])
        for letter, body in zip(letters, bodies):
            self.assertIn("not JSON", letter["reason"])
            self.assertEqual(letter["length"], len(body))
            self.assertEqual(letter["sha256"], hashlib.sha256(body).hexdigest())
            self.assertAlmostEqual(letter["time"], time.time(), delta=60)
        status, out, _ = self.sheepdog("doctor", "--dead-letters")
        self.assertEqual(status, 0)
        self.assertRegex(out.splitlines()[0], r"^\d{4}-\d\d-\d\d [\d:]+  not JSON.*, 11 bytes$")
        self.assertIn("  " + "x" * 200 + "\u2026\n", out)
        self.assertNotIn("\x1b", out)
        self.assertEqual(self.rows("doctor", "--dead-letters=2"), letters[1:])
        self.assertEqual(self.sheepdog("doctor", "--dead-letters=0")[0], 2)
        self.assertIn("sheepdog doctor --dead-letters", self.sheepdog("status")[1])


if __name__ == "__main__":
    unittest.main()
