# front_test.py -- the commands that hand reports in: run over Redis, send and import.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import pty
import shutil
import signal
import subprocess
import unittest

from herd import DropServer, HerdCase, Redis, program, wait_for


class OverRedis(HerdCase):
    def test_a_run_has_a_lease(self):
        redis = Redis(self.herd)
        done = self.herd.run("sheepdog", "-H", redis.url, "-e", "echo hello; exit 3")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, b"hello\n", b""))
        start, end = redis.reports()
        self.assertEqual([start["data"]["phase"], end["data"]["phase"]], ["start", "end"])
        self.assertEqual(start["data"]["lease"], 180)
        self.assertLessEqual(start["time"], end["time"])
        self.assertEqual(start["data"]["run"], end["data"]["run"])

    def test_the_broker_may_come_from_the_environment(self):
        redis = Redis(self.herd)
        environment = dict(self.herd.environment, SHEEPDOG_BROKER=redis.url)
        self.herd.run("sheepdog", "run", "--", "true", env=environment)
        self.assertEqual(len(redis.reports()), 2)

    def test_redis_goes_during_the_run(self):
        redis = Redis(self.herd)
        process = self.herd.start("sheepdog", "-H", redis.url, "-e", "read x; exit 3",
                                  stdin=subprocess.PIPE)
        wait_for(redis.reports, "the start is in Redis")
        redis.stop(signal.SIGKILL)
        process.stdin.write(b"\n")
        process.stdin.flush()
        _, errors = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 3)
        incoming = os.path.join(self.herd.state_dir, "incoming")
        self.assertIn(f"; reported by way of {incoming} instead\n", errors.decode())
        with open(os.path.join(incoming, os.listdir(incoming)[0])) as file:
            self.assertEqual(json.load(file)["data"]["phase"], "end")

    def test_redis_comes_back_during_the_run(self):
        redis = Redis(self.herd)
        process = self.herd.start("sheepdog", "-H", redis.url, "-e", "read x; exit 3",
                                  stdin=subprocess.PIPE)
        wait_for(redis.reports, "the start is in Redis")
        redis.stop(signal.SIGKILL)
        redis.start()
        process.stdin.write(b"\n")
        process.stdin.flush()
        self.assertEqual((process.communicate(timeout=30)[1], process.returncode), (b"", 3))
        self.assertEqual([r["data"]["phase"] for r in redis.reports()], ["start", "end"])


class WithoutDaemon(HerdCase):
    def test_reports_wait_in_files(self):
        done = self.herd.run("sheepdog", "run", "--", "true")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        incoming = os.path.join(self.herd.state_dir, "incoming")
        names = os.listdir(incoming)
        self.assertEqual(len(names), 1, "a short run is synced once")
        with open(os.path.join(incoming, names[0])) as file:
            phases = [json.loads(line)["data"]["phase"] for line in file]
        self.assertEqual(phases, ["start", "end"])


class AnotherWay(HerdCase):
    """What the user is told where reports do not go where the command line says."""

    def test_a_broker_that_is_away(self):
        drop = DropServer(self.herd)
        nobody = f"unix://{self.herd.path}/nobody"
        for done, command in (
                ("sent", ["send", "-H", nobody, "--service", "x", "--status", "ok"]),
                ("handed over", ["import", "-H", nobody, self.herd.file("old", Import.history(3))]),
                ("reported", ["run", "-H", nobody, "--", "true"])):
            with self.subTest(command[0]):
                got = self.herd.run("sheepdog", *command)
                self.assertEqual(got.returncode, 0)
                self.assertRegex(got.stderr.decode().splitlines()[0],
                                 f"^sheepdog[^:]*: {nobody}: .*; {done} by way of "
                                 f"{self.herd.state_dir}/drop instead$")
        # Of who is believed each report keeps the name that it would have had in the broker.
        self.assertEqual([r["host"] for r in drop.reports],
                         [os.uname().nodename] + ["old"] * 3 + [os.uname().nodename] * 2)

    def test_a_state_directory_where_no_daemon_has_ever_run(self):
        made = os.path.join(self.herd.path, "typo")
        history = self.herd.file("old", Import.history(3))
        for name, done, command in (
                ("sheepdog send", "sent", ["send", "--state-dir", made, "--service", "x"]),
                ("sheepdog import", "handed over", ["import", "--state-dir", made, history]),
                ("sheepdog", "reported", ["run", "--state-dir", made, "--", "true"])):
            with self.subTest(command[0]):
                got = self.herd.run("sheepdog", *command)
                self.assertEqual(got.returncode, 0)
                self.assertEqual(got.stderr.decode().splitlines()[0],
                                 f"{name}: no daemon has ever run with {made}; what was {done} "
                                 "waits there until one does")
        self.assertEqual(len(os.listdir(os.path.join(made, "incoming"))), 3)
        self.herd.file("typo/lock")  # one has
        got = self.herd.run("sheepdog", "send", "--state-dir", made, "--service", "x")
        self.assertEqual((got.returncode, got.stderr), (0, b""))

    def test_a_state_directory_is_not_made_with_its_parents(self):
        parent = os.path.join(self.herd.path, "no")
        for status, command in (
                (3, ["send", "--state-dir", f"{parent}/such", "--service", "x"]),
                (3, ["import", "--state-dir", f"{parent}/such",
                     self.herd.file("old", Import.history(3))]),
                (7, ["run", "--state-dir", f"{parent}/such", "--", "sh", "-c", "exit 7"])):
            with self.subTest(command[0]):
                got = self.herd.run("sheepdog", *command)
                self.assertEqual(got.returncode, status)
                self.assertIn(f"{parent}/such: there is no directory {parent}\n",
                              got.stderr.decode())
                self.assertFalse(os.path.exists(parent))


class Send(HerdCase):
    def send(self, *arguments):
        return self.herd.run("sheepdog", "send", *arguments)

    def test_a_status(self):
        drop = DropServer(self.herd)
        done = self.send("--service", "raid", "--status", "warning", "--summary", "one disk",
                         "--data", '{"missing": 1}')
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        report = drop.reports[0]
        self.assertEqual({k: report[k] for k in ("service", "status", "summary", "data", "plugin")},
                         {"service": "raid", "status": "warning", "summary": "one disk",
                          "data": {"missing": 1}, "plugin": "message"})

    def test_facts(self):
        drop = DropServer(self.herd)
        self.assertEqual(self.send("--fact", "nginx.version=1.20", "--fact", "disks=4").returncode, 0)
        self.assertEqual(drop.reports[0]["plugin"], "fact")
        self.assertEqual(drop.reports[0]["data"], {"nginx.version": "1.20", "disks": 4})

    def test_what_is_not_accepted_is_3(self):
        DropServer(self.herd, mode="refuse")
        done = self.send("--service", "x", "--status", "ok")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr.decode(), "^sheepdog send: not accepted: .*not on a test's day")

    def test_usage_is_2(self):
        self.assertEqual(self.send("--status", "ok").returncode, 2)
        self.assertEqual(self.send("--service", "x", "--status", "good").returncode, 2)


class Import(HerdCase):
    @staticmethod
    def history(count):
        return "".join(json.dumps({"host": "old", "service": f"s{i % 7}", "status": "ok",
                                   "time": 1_000_000_000 + i}) + "\n" for i in range(count))

    def test_reports_keep_their_time_and_are_history(self):
        drop = DropServer(self.herd)
        done = self.herd.run("sheepdog", "import", self.herd.file("old", self.history(5000)))
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr.decode(), r"^handed over 5000 reports by way of .*/drop\n$")
        self.assertEqual(len(drop.reports), 5000)
        self.assertEqual(drop.reports[42]["time"], 1_000_000_042)
        self.assertTrue(all(r["imported"] is True for r in drop.reports))

    def test_twice_is_the_same_as_once(self):
        drop = DropServer(self.herd)
        for _ in range(2):
            self.herd.run("sheepdog", "import", "-", input=self.history(100).encode())
        self.assertEqual(len(drop.reports), 200)
        self.assertEqual(len({r["id"] for r in drop.reports}), 100)

    def test_bad_lines_are_named_and_left_out(self):
        drop = DropServer(self.herd)
        lines = self.history(2) + "nonsense\n\n" + '{"host": "h"}\n' + "x" * 1_100_000 + "\n"
        done = self.herd.run("sheepdog", "import", "-", input=(lines + self.history(3)[:-1]).encode())
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(drop.reports), 5)
        errors = done.stderr.decode().splitlines()
        self.assertEqual([e.split(":")[1] for e in errors[:3]], [" line 3", " line 5", " line 6"])
        self.assertRegex(errors[3], "^handed over 5 reports by way of .*/drop; 3 lines left out$")

    def test_a_line_that_grows_too_long_does_not_stop_the_rest(self):
        drop = DropServer(self.herd)
        line = '{"host": "h", "service": "s", "summary": "'
        line += "x" * ((1 << 20) - len(line) - 2) + '"}\n'
        done = self.herd.run("sheepdog", "import", "-",
                             input=(line + self.history(2)).encode())
        self.assertEqual((done.returncode, len(drop.reports)), (1, 2))
        self.assertRegex(done.stderr.decode(),
                         r"^sheepdog import: line 1: 10\d+ bytes with its id; a report has at most "
                         r"1048576\nhanded over 2 reports")

    def test_one_is_one(self):
        DropServer(self.herd)
        done = self.herd.run("sheepdog", "import", "-",
                             input=(self.history(1) + "nonsense\n").encode())
        self.assertRegex(done.stderr.decode().splitlines()[1],
                         "^handed over 1 report by way of .*/drop; 1 line left out$")

    def test_what_is_not_accepted_stops_it(self):
        DropServer(self.herd, mode="refuse")
        done = self.herd.run("sheepdog", "import", "-", input=self.history(10).encode())
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"not on a test's day", done.stderr)

    def test_a_missing_file_is_2(self):
        self.assertEqual(self.herd.run("sheepdog", "import", "/no/such/file").returncode, 2)

    def test_a_terminal_gets_a_progress_bar(self):
        DropServer(self.herd)
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        process = self.herd.start("sheepdog", "import", self.herd.file("old", self.history(3000)),
                                  stderr=follower)
        os.close(follower)
        shown = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        self.assertEqual(process.wait(30), 0)
        self.assertRegex(shown.decode(), r"\[#*-*\] +\d+ %  \d+ reports  \d+/s")
        self.assertTrue(shown.decode().endswith("/drop\r\n"))


class CommandLine(HerdCase):
    def test_what_needs_guile_becomes_another_program(self):
        # An installed tree: the other program is found from where this one is.
        for directory in ("bin", "libexec/sheepdog"):
            os.makedirs(os.path.join(self.herd.path, directory))
        shutil.copy(program("sheepdog"), os.path.join(self.herd.path, "bin/sheepdog"))
        front = os.path.join(self.herd.path, "bin/sheepdog")
        done = subprocess.run([front, "status", "web/nginx", "--json"], stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"is Sheepdog installed whole?", done.stderr)
        other = self.herd.file("libexec/sheepdog/sheepdog-guile", '#!/bin/sh\necho "$@"; exit 7\n')
        os.chmod(other, 0o755)
        done = subprocess.run([front, "status", "web/nginx", "--json"], stdout=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stdout), (7, b"status web/nginx --json\n"))

    def test_help_and_version_of_every_command(self):
        overview = self.herd.run("sheepdog", "--help").stdout.decode()
        commands = [line.split()[0] for line in overview.partition("Commands:\n")[2].splitlines()
                    if line.startswith("  ") and not line.startswith("   ")]
        self.assertIn("try-plugin", commands)
        for command in commands:
            done = self.herd.run("sheepdog", command, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"Examples:", done.stdout)

    def test_mistakes_are_one_line_and_2(self):
        for arguments in (["stauts"], ["run"], ["status", "--jsno"], ["-Z"]):
            done = self.herd.run("sheepdog", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertEqual(done.stderr.count(b"\n"), 1)

    def test_what_cannot_be_meant_runs_nothing(self):
        made = os.path.join(self.herd.path, "made")
        for arguments in (["-H", "rediss://localhost", "-e", f"touch {made}"],
                          ["run", "-H", "localhost:99999", "--", "touch", made],
                          ["run", "--service", "a/b", "--", "touch", made],
                          ["-q", "send", "--service", "x"],
                          ["send", "-H", "http://localhost", "--service", "x"],
                          ["import", "-H", "unix://relative", self.herd.file("empty")],
                          ["status", "--json", "--csv"]):
            with self.subTest(arguments):
                done = self.herd.run("sheepdog", *arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
                self.assertRegex(done.stderr.decode(), r"^sheepdog[^:]*: [^\n]*\n$")
        self.assertEqual(sorted(os.listdir(self.herd.path)), ["empty", "state"])
        self.assertEqual(os.listdir(self.herd.state_dir), [], "nothing was reported either")

    def test_an_output_that_nobody_reads_is_no_crash(self):
        script = f"'{program('sheepdog')}' --help | true; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, text=True)
        self.assertIn(int(done.stdout), (0, 1, 141))


if __name__ == "__main__":
    unittest.main()
