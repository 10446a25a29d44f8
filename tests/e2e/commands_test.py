# commands_test.py -- status and history, at a real daemon.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import socket
import unittest

from command_case import CommandCase
from herd import wait_for


class StatusTest(CommandCase):
    def test_without_a_store(self):
        status, out, err = self.sheepdog("status")
        self.assertEqual((status, out), (3, ""))
        self.assertIn("there is no store", err)

    def test_a_daemon_that_died_is_missed(self):
        self.start_daemon()
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")
        self.assertEqual(self.sheepdog("status")[::2], (0, ""))
        self.daemon.kill()
        self.daemon.wait(10)
        for arguments in ((), ("fine",), ("--json",)):
            status, out, err = self.sheepdog("status", *arguments)
            self.assertEqual(status, 3)
            self.assertIn("fine", out)
            self.assertRegex(err, rf"^sheepdog: no daemon runs with {self.herd.state_dir}; the newest "
                                  r"report is of [-\d]+ [:\d]+ \(.*\)\n$")
        # One that is to end by itself is no loss, nor is the copy of a store.
        self.assertEqual(self.herd.run("sheepdog-daemon", "-c", self.config, "--once").returncode, 0)
        status, _, err = self.sheepdog("status")
        self.assertEqual(status, 0)
        self.assertIn("no daemon runs", err)

    def test_a_service_that_has_only_facts_has_no_status(self):
        self.start_daemon()
        self.send("--service", "facts", "--fact", "color=red")
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")
        status, out, _ = self.sheepdog("status", socket.gethostname() + "/")
        self.assertEqual(status, 0)
        self.assertIn("2 services on 1 host: 1 ok, 1 without a status", out)

    def test_a_long_summary_does_not_flood_a_table(self):
        self.start_daemon()
        self.send("--service", "long", "--status", "ok", "--summary", "x" * 3000)
        self.wait_for_services("long")
        for command in ("status", "history"):
            self.assertLess(max(map(len, self.sheepdog(command)[1].splitlines())), 300)
            self.assertGreater(len(self.rows(command)[0]["summary"]), 1000)
            self.assertIn("x" * 1000, self.sheepdog(command, "--csv")[1])

    def test_trouble_comes_first_and_decides_the_exit_status(self):
        self.start_daemon()
        self.assertEqual(self.sheepdog("status")[:2], (0, "Nothing has been reported yet.\n"))
        self.send("--service", "fine", "--status", "ok", "--summary", "all well")
        self.wait_for_services("fine")
        status, out, _ = self.sheepdog("status")
        self.assertEqual(status, 0)
        self.assertIn("1 service on 1 host: 1 ok", out)
        self.send("--service", "zz", "--status", "critical", "--summary", "on fire")
        self.send("--service", "aa", "--status", "warning")
        self.wait_for_services("zz", "aa")
        status, out, _ = self.sheepdog("status")
        self.assertEqual(status, 1)
        lines = [line.split() for line in out.splitlines()]
        self.assertEqual(lines[0], ["status", "host", "service", "since", "summary"])
        self.assertEqual([line[0] for line in lines[1:4]], ["critical", "warning", "ok"])
        self.assertIn("3 services on 1 host: 1 ok, 1 critical, 1 warning", out)

    def test_json_has_what_programs_need(self):
        self.start_daemon()
        self.send("--service", "disk /", "--status", "warning", "--summary", "92 %")
        row = self.wait_for_services("disk /")["disk /"]
        self.assertEqual({k: row[k] for k in ("service", "status", "summary")},
                         {"service": "disk /", "status": "warning", "summary": "92 %"})
        self.assertEqual(row["host"], socket.gethostname())
        self.assertIsInstance(row["since"], float)
        # A service whose name has a slash, alone and with its host; and the host.
        for name in ("disk /", f"{row['host']}/disk /", f"{row['host']}/"):
            self.assertEqual([r["service"] for r in self.rows("status", name)], ["disk /"], name)

    def test_a_name_that_is_none_is_a_usage_error_with_the_nearest(self):
        self.start_daemon()
        self.send("--service", "backup", "--status", "ok")
        self.wait_for_services("backup")
        status, out, err = self.sheepdog("status", "bakcup")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("there is no service bakcup, did you mean backup?", err)
        self.assertIn("the name of the service is empty", self.sheepdog("status", "")[2])
        self.assertIn("there is no host nowhere/", self.sheepdog("history", "nowhere/")[2])

    def test_one_service_shows_its_last_run_and_incident(self):
        self.start_daemon()
        self.herd.run("sheepdog", "run", "--service", "backup", "--", "sh", "-c",
                      "echo first; printf '\\033[2Jclear\\n'; echo oops >&2; exit 3")
        self.wait_for_services("backup")
        wait_for(lambda: self.rows("status", "backup")[0]["incident"], "an incident")
        status, out, _ = self.sheepdog("status", "backup")
        self.assertEqual(status, 1)
        for text in ("critical since", "incident  open since", "failed (exit status 3)",
                     "command   sh -c 'echo first; ", "| first", "[2Jclear", "| oops"):
            self.assertIn(text, out)
        self.assertNotIn("\x1b", out)  # output does not command the terminal
        [row] = self.rows("status", "backup")
        self.assertEqual(row["last_run"]["exit"], 3)
        self.assertEqual(row["incident"]["status"], "critical")

    def test_what_could_not_be_read_is_shown(self):
        self.start_daemon()
        self.send("--service", "numbers", "--plugin", "sample", "--data", '{"load": "high"}')
        self.send("--service", "web", "--plugin", "nginx", "--status", "ok")
        self.wait_for_services("web")
        out = wait_for(lambda: (lambda o: o if "dead letter" in o else None)(
            self.sheepdog("status")[1]), "a dead letter")
        self.assertIn("1 dead letter, the last", out)
        self.assertIn('receiver sample: member "load" of the data is not a number', out)
        self.assertIn("web reports for the plugin nginx, which the server does not have", out)


class HistoryTest(CommandCase):
    def test_newest_last_and_what_narrows_it(self):
        self.start_daemon()
        for n, status in enumerate(["ok", "critical", "ok", "warning"]):
            self.send("--service", "web", "--status", status, "--summary", f"no. {n}")
            if status == "critical":  # what says nothing of a status has not failed
                self.send("--service", "web", "--fact", "color=red")
        self.send("--service", "other", "--status", "ok", "--data", '{"n": [1, {"m": null}]}')
        self.wait_for_services("other")

        def summaries(*arguments):
            return [row["summary"] for row in self.rows("history", *arguments)]
        self.assertEqual(summaries("web"), ["no. 0", "no. 1", "", "no. 2", "no. 3"])
        self.assertEqual(summaries("web", "--failed"), ["no. 1", "no. 3"])
        self.assertEqual(summaries("--failed"), ["no. 1", "no. 3"])
        self.assertEqual(summaries("web", "-n", "2"), ["no. 2", "no. 3"])
        self.assertEqual(len(summaries()), 6)
        self.assertEqual(summaries("--since", "2100-01-01"), [])
        self.assertEqual(len(summaries("--since", "1h")), 6)
        [row] = self.rows("history", "other")
        self.assertEqual(sorted(row), ["data", "host", "id", "service", "status", "summary", "time"])
        self.assertEqual(row["data"], {"n": [1, {"m": None}]})
        self.assertEqual(len(row["id"]), 36)
        self.assertEqual(self.sheepdog("history", "--since", "sometime")[0], 2)
        # What history prints, import takes: it is there already.
        lines = "".join(json.dumps(row) + "\n" for row in self.rows("history"))
        self.herd.run("sheepdog", "import", "-", input=lines.encode())
        self.assertEqual(len(summaries()), 6)


if __name__ == "__main__":
    unittest.main()
