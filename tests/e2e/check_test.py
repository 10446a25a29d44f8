# check_test.py -- check, and a reload of what it would refuse.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import signal
import unittest

from command_case import CommandCase


class ConfigurationTest(CommandCase):
    def test_check(self):
        good = self.herd.file("good.scm", "(configuration)")
        os.chmod(good, 0o600)
        self.assertEqual(self.sheepdog("check", good), (0, f"{good}: good\n", ""))
        bad = self.herd.file("bad.scm", "(configuration\n #:monitors (list (monitor 'dsk)))")
        os.chmod(bad, 0o600)
        self.assertEqual(self.sheepdog("check", bad),
                         (2, "", f"{bad}:2:19: monitor dsk: there is no plugin dsk, "
                                 "did you mean disk?\n"))
        done = self.herd.run("sheepdog-daemon", "-c", bad)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{bad}:2:19: monitor dsk", done.stderr.decode())
        self.assertEqual(os.listdir(self.herd.state_dir), [])  # nothing was started

    def test_what_will_hardly_be_meant_is_a_warning(self):
        twice = self.herd.file("twice.scm",
                               "(configuration #:monitors (list (monitor 'load) (monitor 'load)))")
        status, out, err = self.sheepdog("check", twice)
        self.assertEqual((status, out), (0, f"{twice}: good\n"))
        self.assertTrue(err.startswith(f"{twice}: warning: two monitors of load: "), err)
        os.mkdir(self.herd.path + "/shared")
        os.chmod(self.herd.path + "/shared", 0o777)
        path = self.herd.file("shared/c.scm", "(configuration)")
        status, _, err = self.sheepdog("check", path)
        self.assertEqual(status, 2)
        self.assertIn(f"others can write to the directory {self.herd.path}/shared", err)

    def test_a_reload_with_a_loop_in_it_is_refused_and_the_old_one_stays(self):
        self.start_daemon()
        with open(self.config, "w") as file:
            file.write("(let loop () (loop))")
        self.daemon.send_signal(signal.SIGHUP)
        # Meanwhile it goes on with its work.
        self.wait_for_log("reading the configuration again")
        self.send("--service", "meanwhile", "--status", "ok")
        self.wait_for_services("meanwhile")
        self.wait_for_log("the new configuration is refused, the old one stays")
        self.assertIn("is not evaluated within", self.read_log())
        self.assertIsNone(self.daemon.poll())


if __name__ == "__main__":
    unittest.main()
