# run_lock_test.py -- the wrapper: never twice at once.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import unittest

from herd import alive, wait_for
from run_case import RunCase, children


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
        self.assertEqual(children(waiter.pid), [])
        holder.stdin.write(b"\n")
        holder.stdin.flush()
        self.assertEqual(waiter.stdout.read(), b"ran\n")
        self.assertEqual(waiter.wait(30), 0)

    def test_a_command_that_outlives_its_wrapper_holds_it(self):
        process = self.holding()
        command = int(children(process.pid)[0])
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


if __name__ == "__main__":
    unittest.main()
