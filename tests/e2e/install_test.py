# install_test.py -- what `cmake --install` makes works by itself, away from the build tree.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import herd


class InstalledTree(unittest.TestCase):
    def test_programs_scheme_and_manual_are_there_and_work(self):
        with tempfile.TemporaryDirectory(prefix="sheepdog-install.") as prefix, herd.Herd() as h:
            subprocess.run(["cmake", "--install", herd.BUILD, "--prefix", prefix], check=True,
                           stdout=subprocess.DEVNULL)
            environment = {k: v for k, v in h.environment.items() if not k.startswith("GUILE_")}

            def run(*command, statuses=(0,)):
                done = subprocess.run([f"{prefix}/bin/{command[0]}", *command[1:]],
                                      env=environment, capture_output=True, text=True, timeout=60)
                self.assertIn(done.returncode, statuses, done.stderr)
                # Scheme that is not compiled, or older than its source, says so.
                self.assertNotIn("newer than compiled", done.stderr)
                return done.stdout

            run("sheepdog", "run", "--service", "job", "--", "true")
            run("sheepdog-daemon", "--once")
            # 1: this machine may have its troubles.
            status = run("sheepdog", "status", "--json", statuses=(0, 1))
            services = {service["service"] for service in json.loads(status)}
            self.assertIn("job", services)
            self.assertIn("host", services)
            for page in ("man1/sheepdog.1", "man1/sheepdog-run.1", "man8/sheepdog-daemon.8"):
                self.assertTrue(os.path.exists(f"{prefix}/share/man/{page}"), page)


if __name__ == "__main__":
    unittest.main()
