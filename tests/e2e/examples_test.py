# examples_test.py -- every example of the help about questions is done.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re
import subprocess
import time
import unittest

from daemons import Daemon, Store, configuration, hand_in, report
from herd import HerdCase, program


class Examples(HerdCase):
    def setUp(self):
        super().setUp()
        Daemon(self.herd, configuration(self.herd)).start().ready()
        # What the examples name.
        hand_in(self.herd, report("web", status="critical", time=time.time() - 4 * 86400),
                report("facts", plugin="fact", data={"host.memory": 2**32, "package.nginx": "1.22.1-9"}))
        Store(self.herd).wait_count(2)
        self.herd.file("interrupted.scm", "(run* (h s t u) (interruptiono h s t u))")

    def examples(self, command):
        help = self.herd.run("sheepdog", command, "--help").stdout.decode()
        found = re.findall(r"^  (sheepdog .*)$", help.partition("\nExamples:\n")[2], re.M)
        self.assertGreater(len(found), 1)
        return found

    def test_each_is_done(self):
        environment = dict(self.herd.environment,
                           PATH=os.path.dirname(program("sheepdog")) + ":" + os.environ["PATH"])
        for command in ("query", "repl"):
            for line in self.examples(command):
                with self.subTest(line):
                    done = subprocess.run(["sh", "-c", line], env=environment, cwd=self.herd.path, timeout=60,
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                          stderr=subprocess.PIPE)
                    self.assertEqual((done.returncode, done.stderr), (0, b""))
                    self.assertTrue(done.stdout)


if __name__ == "__main__":
    unittest.main()
