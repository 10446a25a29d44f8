# install_test.py -- what `cmake --install` makes works by itself, away from the build tree.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import herd


class InstalledTree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="sheepdog-install.")
        cls.addClassCleanup(cls.directory.cleanup)
        cls.prefix = cls.directory.name
        subprocess.run(["cmake", "--install", herd.BUILD, "--prefix", cls.prefix], check=True,
                       stdout=subprocess.DEVNULL)

    def setUp(self):
        self.herd = herd.Herd()
        self.addCleanup(self.herd.close)

    def ended(self, *command):
        environment = {k: v for k, v in self.herd.environment.items()
                       if not k.startswith("GUILE_")}
        return subprocess.run([f"{self.prefix}/bin/{command[0]}", *command[1:]], env=environment,
                              capture_output=True, text=True, timeout=60)

    def run_installed(self, *command, statuses=(0,)):
        done = self.ended(*command)
        self.assertIn(done.returncode, statuses, done.stderr)
        # Scheme that is not compiled, or older than its source, says so.
        self.assertNotIn("newer than compiled", done.stderr)
        return done.stdout

    def installed(self, path):
        with open(f"{self.prefix}/{path}") as file:
            return file.read()

    def test_programs_scheme_and_manual_are_there_and_work(self):
        self.run_installed("sheepdog", "run", "--service", "job", "--", "true")
        self.run_installed("sheepdog-daemon", "--once")
        # 1: this machine may have its troubles.
        status = self.run_installed("sheepdog", "status", "--json", statuses=(0, 1))
        services = {service["service"] for service in json.loads(status)}
        self.assertIn("job", services)
        self.assertIn("host", services)
        for page in ("man1/sheepdog.1", "man1/sheepdog-run.1", "man8/sheepdog-daemon.8",
                     "man7/sheepdog-relations.7"):
            self.assertTrue(os.path.exists(f"{self.prefix}/share/man/{page}"), page)

    def test_questions_are_there_and_answered(self):
        self.run_installed("sheepdog-daemon", "--once")
        self.assertIn("\nbroken-now ", self.run_installed("sheepdog", "query", "--list"))
        for how in ("--json", "--sandbox"):
            self.run_installed("sheepdog", "query", how, "broken-now")

    def test_units_start_what_was_installed(self):
        for name in ("sheepdog-daemon", "sheepdog-queue-daemon"):
            unit = f"lib/systemd/system/{name}.service"
            text = self.installed(unit)
            [start] = [line for line in text.splitlines() if line.startswith("ExecStart=")]
            self.assertEqual(start.split()[0], f"ExecStart={self.prefix}/bin/{name}")
            # A courier outlives a daemon that is killed.
            self.assertIn("\nKillMode=process\n", text)
            self.assertIn("\nUMask=0027\n", text)
            if name == "sheepdog-daemon":  # what it watches is the machine as it is
                self.assertNotRegex(text, r"\n(Protect|Private|ReadOnly|Inaccessible)\w*=")
            if shutil.which("systemd-analyze"):
                done = subprocess.run(["systemd-analyze", "verify", "--man=no",
                                       f"{self.prefix}/{unit}"],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                      timeout=60)
                self.assertNotIn(f"{name}.service", done.stdout)

    def test_examples_are_there_and_good(self):
        examples = f"{self.prefix}/share/doc/sheepdog/examples"
        self.assertEqual(sorted(os.listdir(examples)),
                         ["redis.conf", "server-config.scm", "shepherd.scm"])
        self.assertIn(": good\n",
                      self.run_installed("sheepdog", "check", f"{examples}/server-config.scm"))
        self.assertIn("TITLE: Sheepdog", self.installed("share/doc/sheepdog/README.org"))

    def test_what_is_not_installed_whole_says_so(self):
        source = f"{self.prefix}/share/guile/site/3.0/sheepdog/command/plugins.scm"
        os.remove(f"{self.prefix}/lib/guile/3.0/site-ccache/sheepdog/command/plugins.go")
        with open(source, "w") as file:
            file.write("(define-module (sheepdog command plugins))\n(define main 1)\n")
        for _ in ("a module without its main", "no module"):
            done = self.ended("sheepdog", "plugins")
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn("(sheepdog command plugins) has no procedure main; is Sheepdog installed "
                          "whole?", done.stderr)
            if os.path.exists(source):
                os.remove(source)


if __name__ == "__main__":
    unittest.main()
