# run_test.py -- the wrapper: a command runs as it would without it.
# SPDX-License-Identifier: GPL-3.0-or-later
import fcntl
import os
import pty
import re
import signal
import subprocess
import termios
import unittest

from herd import DropServer, HerdCase, alive, program, wait_for
from run_case import RunCase, children


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
        wait_for(lambda: not children(process.pid), "the first attempt is over")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 7)
        self.assertEqual(self.drop.phase("end")["data"]["outcome"], "cancelled")


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
        allowed = {"libuv", "libhiredis", "libsqlite3", "libfmt", "libnettle", "libsimdjson",
                   "libstdc++", "libm", "libgcc_s", "libc", "libpthread", "libdl", "librt"}
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
