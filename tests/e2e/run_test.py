# run_test.py -- the wrapper: a command runs as without it, and what happened is told.
# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import fcntl
import os
import pty
import re
import signal
import subprocess
import termios
import time
import unittest

from herd import DropServer, HerdCase, alive, program, wait_for


class RunCase(HerdCase):
    def setUp(self):
        super().setUp()
        self.drop = DropServer(self.herd)

    def sheepdog(self, *arguments, **options):
        return self.herd.run("sheepdog", "run", *arguments, **options)

    def shell(self, script, *options, **more):
        return self.sheepdog(*options, "--", "/bin/sh", "-c", script, **more)

    def start_shell(self, script, *options, **more):
        return self.herd.start("sheepdog", "run", *options, "--", "/bin/sh", "-c", script, **more)


class PassingThrough(RunCase):
    def test_streams_and_status_are_the_commands(self):
        done = self.shell("cat; echo error >&2; exit 3", input=b"input")
        self.assertEqual((done.stdout, done.stderr, done.returncode), (b"input", b"error\n", 3))

    def test_output_comes_as_it_is_written(self):
        process = self.start_shell("echo first; read x; echo second", stdin=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"first\n")
        process.stdin.write(b"\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"second\n")
        self.assertEqual(process.wait(), 0)

    def test_any_volume_on_both_pipes_at_once(self):
        done = self.shell("head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2; wait")
        self.assertEqual((len(done.stdout), len(done.stderr)), (20000000, 20000000))
        end = self.drop.phase("end")["data"]
        for stream in ("stdout", "stderr"):
            self.assertEqual(end[stream]["bytes"], 20000000)
            self.assertEqual(end[stream]["omitted"], 20000000 - 16384)

    def test_a_slow_reader_of_one_does_not_hold_up_the_other(self):
        process = self.start_shell("head -c 1000000 /dev/zero & head -c 1000000 /dev/zero >&2; wait")
        self.assertEqual(len(process.stderr.read(1000000)), 1000000)
        self.assertEqual(len(process.stdout.read()), 1000000)
        self.assertEqual(process.wait(), 0)

    def test_our_streams_stay_blocking_for_others(self):
        read, write = os.pipe()
        process = self.start_shell("head -c 1000000 /dev/zero", stdout=write)
        self.drop.phase("start")
        self.assertEqual(len(os.read(read, 1)), 1)
        self.assertEqual(fcntl.fcntl(write, fcntl.F_GETFL) & os.O_NONBLOCK, 0)
        os.close(write)
        with os.fdopen(read, "rb") as file:
            self.assertEqual(len(file.read()), 999999)
        self.assertEqual(process.wait(), 0)

    def test_a_reader_that_goes_away_ends_the_command_as_without_us(self):
        process = self.start_shell("exec yes")
        self.assertEqual(process.stdout.readline(), b"y\n")
        process.stdout.close()
        self.assertEqual(process.wait(30), 128 + signal.SIGPIPE)
        self.assertEqual(self.drop.phase("end")["data"]["outcome"], "cancelled")

    def test_a_full_disk_under_our_output_does_not_end_the_command(self):
        with open("/dev/full", "wb") as full:
            done = self.shell("echo lost; echo went on >&2; exit 4", stdout=full)
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"went on\n", done.stderr)
        self.assertIn(b"standard output: No space left on device", done.stderr)
        self.assertEqual(self.drop.phase("end")["data"]["stdout"]["text"], "lost\n")

    def test_closed_streams_are_no_harm(self):
        done = subprocess.run(
            ["/bin/sh", "-c", f"'{program('sheepdog')}' run -- sh -c 'cat; echo x; exit 5' "
             "<&- >&- 2>&-"], env=self.herd.environment)
        self.assertEqual(done.returncode, 5)
        self.assertEqual(self.drop.phase("end")["data"]["stdout"]["text"], "x\n")

    def test_a_pipe_that_is_left_open_is_not_waited_for_long(self):
        done = self.shell("sleep 1000 & echo $!")
        left = int(done.stdout)
        self.end_process(left)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(alive(left), "what it left behind lives on")

    def test_without_output_the_streams_are_inherited(self):
        with open(os.path.join(self.herd.path, "out"), "w+b") as file:
            self.shell("readlink /proc/self/fd/1", "--no-output", stdout=file)
            file.seek(0)
            self.assertEqual(file.read().strip().decode(), file.name)
        end = self.drop.phase("end")["data"]
        self.assertNotIn("stdout", end)
        self.assertNotIn("stderr", end)

    def test_nothing_of_the_environment_is_needed(self):
        done = self.herd.run("sheepdog", "run", "--state-dir", self.herd.state_dir, "--", "true",
                             env={}, start_new_session=True, cwd="/")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.drop.phase("end")["data"]["directory"], "/")

    def test_open_files_of_the_caller_reach_the_command(self):
        with open(self.herd.file("given", "through"), "rb") as given:
            fd = given.fileno()
            done = self.shell(f"cat <&{fd}", pass_fds=(fd,))
        self.assertEqual(done.stdout, b"through")


class Status(RunCase):
    def status(self, *arguments):
        return self.sheepdog("--", *arguments).returncode

    def test_what_cannot_be_started_is_told_from_what_exits_so(self):
        self.assertEqual(self.status("/no/such/program"), 127)
        end = self.drop.phase("end")
        self.assertEqual(end["data"]["outcome"], "failed")
        self.assertEqual(end["data"]["error"], "/no/such/program: No such file or directory")
        self.assertNotIn("exit", end["data"])
        self.drop.reports.clear()
        self.assertEqual(self.status("/bin/sh", "-c", "exit 127"), 127)
        self.assertEqual(self.drop.phase("end")["data"]["exit"], 127)

    def test_what_is_not_executable(self):
        path = self.herd.file("plain", "text")
        done = self.sheepdog("--", path)
        self.assertEqual(done.returncode, 126)
        self.assertEqual(done.stderr.decode(), f"sheepdog: {path}: Permission denied\n")
        self.assertEqual(self.status(self.herd.path), 126)

    def test_a_signal_is_128_and_its_number(self):
        self.assertEqual(self.shell("kill -9 $$").returncode, 137)
        end = self.drop.phase("end")
        self.assertEqual(end["data"]["signal"], 9)
        self.assertEqual(end["status"], "critical")
        self.assertTrue(end["summary"].startswith("signal 9 (Killed) after "), end["summary"])

    def test_usage_is_2_and_one_line(self):
        done = self.sheepdog("--timout", "5", "--", "true")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.count(b"\n"), 1)
        self.assertIn(b'did you mean "--timeout"?', done.stderr)


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


class Quiet(RunCase):
    def test_success_prints_nothing(self):
        done = self.shell("echo out; echo err >&2", "--quiet")
        self.assertEqual((done.stdout, done.stderr), (b"", b""))
        self.assertEqual(self.drop.phase("end")["data"]["stdout"]["text"], "out\n")

    def test_failure_prints_everything_in_order(self):
        script = "for i in 1 2 3; do echo out $i; echo err $i >&2; done; exit 1"
        done = self.shell(script, "--quiet", stderr=subprocess.STDOUT)
        self.assertEqual(sorted(done.stdout.splitlines()),
                         sorted(f"{s} {i}".encode() for s in ("out", "err") for i in (1, 2, 3)))
        self.assertEqual(done.returncode, 1)

    def test_much_output_is_held_too(self):
        done = self.shell("head -c 5000000 /dev/zero; exit 1", "--quiet", "--no-output")
        self.assertEqual(len(done.stdout), 5000000)
        self.assertNotIn("stdout", self.drop.phase("end")["data"])
        self.assertEqual(self.shell("head -c 5000000 /dev/zero", "--quiet").stdout, b"")


class Ending(RunCase):
    def test_signals_go_on_to_the_group_and_are_no_failure(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number):
                self.drop.reports.clear()
                process = self.start_shell("sh -c 'echo $$; exec sleep 1000'; exit 99",
                                           start_new_session=True)
                grandchild = int(process.stdout.readline())
                self.end_process(grandchild)
                self.drop.phase("start")
                process.send_signal(number)
                self.assertEqual(process.wait(30), 128 + number)
                wait_for(lambda: not alive(grandchild), "the signal reaches the whole group")
                end = self.drop.phase("end")
                self.assertEqual(end["data"]["outcome"], "cancelled")
                self.assertEqual(end["data"]["signal"], number)
                self.assertNotEqual(end["status"], "critical")
                self.assertIn(f"cancelled by {signal.Signals(number).name}", end["summary"])

    def test_a_command_that_handles_its_signal_decides(self):
        process = self.start_shell("trap 'echo bye; exit 0' TERM; echo ready; "
                                   "while :; do sleep 0.01; done")
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.stdout.read(), b"bye\n")
        self.assertEqual(process.wait(30), 0)
        self.assertEqual(self.drop.phase("end")["data"]["outcome"], "succeeded")

    def test_what_we_were_started_ignoring_stays_ignored(self):
        def nohup():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        process = self.start_shell("grep SigIgn /proc/self/status; read x; exit 6",
                                   preexec_fn=nohup, stdin=subprocess.PIPE)
        self.assertEqual(int(process.stdout.readline().split()[1], 16) & 1, 1)
        process.send_signal(signal.SIGHUP)
        process.stdin.write(b"\n")
        process.stdin.flush()
        self.assertEqual(process.wait(30), 6)

    def test_timeout_is_124(self):
        done = self.shell("sleep 1000 & echo $!; wait", "--timeout", "200ms")
        self.assertEqual(done.returncode, 124)
        self.assertFalse(alive(int(done.stdout)))
        end = self.drop.phase("end")
        self.assertEqual(end["data"]["outcome"], "timed-out")
        self.assertEqual(end["data"]["signal"], signal.SIGTERM)
        self.assertTrue(end["summary"].startswith("timed out after "), end["summary"])

    def test_kill_after_ends_what_ignores_term(self):
        done = self.shell("trap '' TERM; sleep 1000 & echo $!; sleep 1000; sleep 1000",
                          "--timeout", "200ms", "--kill-after", "200ms")
        self.assertEqual(done.returncode, 124)
        grandchild = int(done.stdout)
        wait_for(lambda: not alive(grandchild), "the whole group is killed")
        self.assertEqual(self.drop.phase("end")["data"]["signal"], signal.SIGKILL)

    def test_retry_until_it_succeeds(self):
        count = self.herd.file("count")
        script = f"echo x >> {count}; test $(wc -l < {count}) -ge 3"
        self.assertEqual(self.shell(script, "--retry", "5", "--backoff", "10ms").returncode, 0)
        end = self.drop.phase("end")
        self.assertEqual(self.drop.phases(), ["start", "end"])
        self.assertEqual(end["data"]["attempts"], 3)
        self.assertEqual(end["status"], "ok")

    def test_retries_are_counted(self):
        done = self.shell("echo x; exit 7", "--retry", "2", "--backoff", "10ms")
        self.assertEqual((done.returncode, done.stdout), (7, b"x\nx\nx\n"))
        self.assertEqual(self.drop.phase("end")["data"]["attempts"], 3)

    def test_a_signal_ends_the_waiting_for_another_attempt(self):
        process = self.start_shell("echo x; exit 7", "--retry", "2", "--backoff", "1h")
        process.stdout.readline()
        wait_for(lambda: not self.children(process.pid), "the first attempt is over")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 7)
        self.assertEqual(self.drop.phase("end")["data"]["outcome"], "cancelled")

    @staticmethod
    def children(pid):
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return file.read().split()


class Lock(RunCase):
    def holding(self, *options):
        process = self.start_shell("echo held; read x", "--lock=one", *options,
                                   stdin=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"held\n")
        self.drop.phase("start")
        self.drop.reports.clear()
        return process

    def test_skip(self):
        self.holding()
        done = self.shell("echo ran", "--lock=one")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        end = self.drop.phase("end")
        self.assertEqual(end["data"]["outcome"], "cancelled")
        self.assertEqual(end["summary"], 'skipped: another run holds the lock "one"')
        self.assertEqual(self.shell("echo ran", "--lock=two").stdout, b"ran\n")

    def test_fail(self):
        self.holding()
        done = self.shell("echo ran", "--lock=one", "--overlap", "fail")
        self.assertEqual((done.returncode, done.stdout), (75, b""))
        self.assertEqual(done.stderr, b'sheepdog: another run holds the lock "one"\n')
        self.assertEqual(self.drop.phase("end")["status"], "critical")

    def test_wait(self):
        holder = self.holding()
        waiter = self.start_shell("echo ran", "--lock=one", "--overlap", "wait")
        locked = os.path.join(self.herd.state_dir, "locks", "one.lock")
        wait_for(lambda: any(os.path.realpath(f"/proc/{waiter.pid}/fd/{fd}") == locked
                             for fd in os.listdir(f"/proc/{waiter.pid}/fd")), "it waits")
        self.assertEqual(Ending.children(waiter.pid), [])
        holder.stdin.write(b"\n")
        holder.stdin.flush()
        self.assertEqual(waiter.stdout.read(), b"ran\n")
        self.assertEqual(waiter.wait(30), 0)

    def test_a_command_that_outlives_its_wrapper_holds_it(self):
        process = self.holding()
        command = int(Ending.children(process.pid)[0])
        self.end_process(command)
        process.kill()
        process.wait()
        self.assertTrue(alive(command))
        self.assertEqual(self.shell("echo ran", "--lock=one").stdout, b"")

    def test_what_the_command_leaves_behind_does_not_hold_it(self):
        left = int(self.shell("sleep 1000 >/dev/null 2>&1 & echo $!", "--lock=one").stdout)
        self.end_process(left)
        self.assertTrue(alive(left))
        self.assertEqual(self.shell("echo ran", "--lock=one").stdout, b"ran\n")

    def test_without_a_place_for_locks_the_command_runs(self):
        done = self.shell("echo ran; exit 9", "--lock", "--state-dir", "/dev/null/none")
        self.assertEqual((done.returncode, done.stdout), (9, b"ran\n"))
        self.assertIn(b"sheepdog: runs without its lock: ", done.stderr)


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

    def test_an_unknown_broker(self):
        for broker in ("no-such-host.invalid:6379", "unix:///dev/null/none", "127.0.0.1:1"):
            done = self.shell("echo out; exit 3", "-H", broker, "--state-dir", "/dev/null/none")
            self.assertEqual((done.returncode, done.stdout), (3, b"out\n"))
            self.assertIn(b"could not be reported", done.stderr)


class Terminal(RunCase):
    """On a terminal the command shares it, keys included."""

    def on_terminal(self, script, *options, after=""):
        """Run SCRIPT wrapped by a shell that leads the terminal's session."""
        leader, follower = pty.openpty()

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"trap : INT; '{program('sheepdog')}' run \"$@\"; s=$?; {after}\nexit $s",
             "sh", *options, "--", "/bin/sh", "-c", script],
            stdin=follower, stdout=subprocess.PIPE, preexec_fn=take_terminal,
            env=self.herd.environment)
        self.herd.adopt(process)
        os.close(follower)
        self.addCleanup(os.close, leader)
        return process, leader

    def test_the_command_reads_from_it(self):
        process, leader = self.on_terminal("read x; echo got $x; read y </dev/tty; echo then $y")
        os.write(leader, b"one\ntwo\n")
        self.assertEqual(process.stdout.read(), b"got one\nthen two\n")
        self.assertEqual(process.wait(30), 0)

    def test_its_interrupt_key_cancels_and_comes_once(self):
        process, leader = self.on_terminal(
            "n=0; trap 'n=$((n + 1))' INT; echo ready; while [ $n = 0 ]; do sleep 0.01; done; "
            "sleep 0.2; echo $n; exit 130")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        os.write(leader, b"\x03")
        self.assertEqual(process.stdout.read(), b"1\n")
        self.assertEqual(process.wait(30), 130)
        self.assertEqual(self.drop.phase("end")["data"]["outcome"], "cancelled")

    def test_timeout_takes_all_of_the_command_there_too(self):
        process, leader = self.on_terminal("sleep 1000 & echo $!; (sleep 1000 & echo $!); wait",
                                           "--timeout", "300ms", after="echo over; read x")
        left = [int(process.stdout.readline()) for _ in range(2)]
        for pid in left:
            self.end_process(pid)
        self.assertEqual(process.stdout.readline(), b"over\n")
        for pid in left:
            wait_for(lambda: not alive(pid), "the command's processes are ended", 5)
        os.write(leader, b"\n")
        self.assertEqual(process.wait(30), 124)


class Thin(HerdCase):
    def test_nothing_heavy_is_linked(self):
        libraries = set(re.findall(r"(lib[\w+-]+)\.so", subprocess.run(
            ["ldd", program("sheepdog")], stdout=subprocess.PIPE, text=True, check=True).stdout))
        allowed = {"libuv", "libhiredis", "libsqlite3", "libfmt", "libnettle", "libstdc++", "libm",
                   "libgcc_s", "libc", "libpthread", "libdl", "librt"}
        sanitizers = {"libasan", "libubsan"}
        self.assertLessEqual(libraries, allowed | sanitizers)

    def test_the_wrapper_is_small(self):
        with open(program("sheepdog"), "rb") as file:
            if b"__asan_init" in file.read():
                self.skipTest("a sanitizer's memory is not ours")
        DropServer(self.herd)
        process = self.herd.start("sheepdog", "run", "--", "/bin/sh", "-c", "echo; read x",
                                  stdin=subprocess.PIPE)
        process.stdout.readline()
        with open(f"/proc/{process.pid}/status") as file:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1])
        self.assertLessEqual(peak, 8192)


if __name__ == "__main__":
    unittest.main()
