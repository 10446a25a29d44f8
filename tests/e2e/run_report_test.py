# run_report_test.py -- the wrapper tells what happened, and where it cannot, says so.
# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import os
import signal
import subprocess
import time
import unittest

from herd import DropServer, HerdCase, wait_for
from run_case import RunCase


class Reports(RunCase):
    def test_start_and_end_tell_about_one_run(self):
        before = time.time()
        done = self.sheepdog("--service", "nightly", "--inform", "ops", "--", "/bin/sh", "-c",
                             "head -c 30000000 /dev/zero | tail -c 1; echo oh; echo disk full >&2; "
                             "exit 3", cwd=self.herd.path)
        self.assertEqual(done.returncode, 3)
        start, end = self.drop.phase("start"), self.drop.phase("end")
        self.assertEqual(self.drop.phases(), ["start", "end"])
        self.assertEqual(start["data"]["run"], end["data"]["run"])
        self.assertNotEqual(start["id"], end["id"])
        for report in (start, end):
            self.assertEqual(report["plugin"], "run")
            self.assertEqual(report["service"], "nightly")
            self.assertNotIn("host", report)  # the daemon knows its machine's name
            self.assertEqual(report["data"]["argv"][:2], ["/bin/sh", "-c"])
            self.assertEqual(report["data"]["directory"], os.path.realpath(self.herd.path))
            self.assertTrue(report["data"]["user"])
            self.assertAlmostEqual(report["data"]["started"], before, delta=30)
        self.assertNotIn("lease", start["data"])
        data = end["data"]
        self.assertEqual(end["status"], "critical")
        self.assertEqual(data["outcome"], "failed")
        self.assertEqual(data["exit"], 3)
        self.assertEqual(data["attempts"], 1)
        self.assertEqual(data["inform"], "ops")
        self.assertGreater(data["duration"], 0)
        self.assertGreater(data["user-cpu"] + data["system-cpu"], 0)
        self.assertGreater(data["peak-memory"], 500_000)
        self.assertEqual(data["stdout"]["text"], "\0oh\n")
        self.assertEqual(data["stderr"], {"text": "disk full\n", "bytes": 10, "omitted": 0})
        self.assertRegex(end["summary"], r"^exit 3 after .*: disk full$")

    def test_head_and_tail_of_long_output(self):
        self.shell("seq 1 100000")
        out = self.drop.phase("end")["data"]["stdout"]
        text = "".join(f"{i}\n" for i in range(1, 100001))
        self.assertEqual(out["text"], text[:2048] + text[-14336:])
        self.assertEqual(out["bytes"], len(text))
        self.assertEqual(out["omitted"], len(text) - 16384)

    def test_bytes_that_are_not_text_are_kept(self):
        self.shell(r"printf '\377\376\000x'")
        out = self.drop.phase("end")["data"]["stdout"]
        self.assertEqual(base64.b64decode(out["base64"]), b"\xff\xfe\x00x")
        self.assertNotIn("text", out)

    def test_the_short_form_takes_every_option(self):
        done = self.herd.run("sheepdog", "--service", "short", "--warning", "4", "-e",
                             "echo $0 $((1 + 1)); exit 4")
        self.assertEqual((done.returncode, done.stdout), (4, b"/bin/sh 2\n"))
        end = self.drop.phase("end")
        self.assertEqual(end["service"], "short")
        self.assertEqual(end["status"], "warning")
        self.assertEqual(end["data"]["argv"], ["/bin/sh", "-c", "echo $0 $((1 + 1)); exit 4"])

    def test_on_error_tells_failures_only(self):
        self.shell("exit 0", "--on-error")
        self.assertEqual(self.drop.reports, [])
        self.shell("exit 1", "--on-error")
        self.assertEqual(self.drop.phases(), ["end"])

    def test_ok_and_warning(self):
        for options, status, outcome in ((["--ok", "0,24"], "ok", "succeeded"),
                                         (["--warning", "24"], "warning", "succeeded"),
                                         ([], "critical", "failed")):
            self.drop.reports.clear()
            self.assertEqual(self.shell("exit 24", *options).returncode, 24)
            end = self.drop.phase("end")
            self.assertEqual((end["status"], end["data"]["outcome"]), (status, outcome))

    def test_what_is_redacted_leaves_nowhere(self):
        script = "echo token=abc123; echo the token=abc123 failed >&2; exit 1"
        done = self.shell(script, "--redact", r"token=\w+")
        self.assertIn(b"token=abc123", done.stdout, "what passes through is as it is")
        self.drop.phase("end")
        for report in self.drop.reports:
            self.assertNotIn("abc123", str(report))
        end = self.drop.phase("end")
        self.assertEqual(end["data"]["stdout"]["text"], "[redacted]\n")
        self.assertTrue(end["summary"].endswith(": the [redacted] failed"))

    def test_the_connection_lives_as_long_as_the_run(self):
        process = self.start_shell("sleep 1000")
        self.drop.phase("start")
        self.assertEqual(self.drop.ended, 0)
        process.send_signal(signal.SIGKILL)
        wait_for(lambda: self.drop.ended == 1, "the connection ends with the wrapper")
        self.assertEqual(self.drop.phases(), ["start"])


class Trouble(HerdCase):
    """Nobody takes the reports; the command does not notice."""

    def shell(self, script, *options, **more):
        return self.herd.run("sheepdog", "run", *options, "--", "/bin/sh", "-c", script, **more)

    def test_nowhere_to_report_to(self):
        done = self.shell("echo out; exit 3", "--state-dir", "/dev/null/none")
        self.assertEqual((done.returncode, done.stdout), (3, b"out\n"))
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], '^sheepdog: the start and the end of "sh" could not be reported')

    def test_a_broker_that_says_nothing_costs_a_few_seconds_at_the_end(self):
        DropServer(self.herd, mode="silent")
        began = time.monotonic()
        process = self.herd.start("sheepdog", "run", "--state-dir", self.herd.state_dir, "--",
                                  "/bin/sh", "-c", "echo out; exit 3")
        self.assertEqual(process.stdout.readline(), b"out\n")
        self.assertEqual(process.stdout.read(), b"")
        output_ended = time.monotonic()
        self.assertEqual(process.wait(30), 3)
        self.assertGreater(time.monotonic() - output_ended, 1,
                           "readers of our output need not wait as long as we do")
        self.assertLess(time.monotonic() - began, 10)

    def test_a_signal_ends_the_waiting_for_the_broker(self):
        DropServer(self.herd, mode="silent")
        process = self.herd.start("sheepdog", "run", "--", "/bin/sh", "-c", "exit 3")
        self.assertEqual(process.stdout.read(), b"")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 3)
        incoming = os.path.join(self.herd.state_dir, "incoming")
        told = subprocess.run(["grep", "-rh", "", incoming], capture_output=True).stdout.decode()
        self.assertIn('"phase":"start"', told)
        self.assertIn('"phase":"end"', told)

    def test_what_a_signal_leaves_unreported_is_said(self):
        DropServer(self.herd, mode="silent")
        self.herd.file("state/incoming", "no directory")
        process = self.herd.start("sheepdog", "run", "--", "/bin/sh", "-c", "exit 3")
        self.assertEqual(process.stdout.read(), b"")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 3)
        self.assertIn(b'the start and the end of "sh" could not be reported: ',
                      process.stderr.read())

    def test_an_unknown_broker(self):
        for broker in ("no-such-host.invalid:6379", "unix:///dev/null/none", "127.0.0.1:1"):
            done = self.shell("echo out; exit 3", "-H", broker, "--state-dir", "/dev/null/none")
            self.assertEqual((done.returncode, done.stdout), (3, b"out\n"))
            self.assertIn(b"could not be reported", done.stderr)


if __name__ == "__main__":
    unittest.main()
