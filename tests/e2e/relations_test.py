# relations_test.py -- sheepdog query --relations: what can be asked for.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import unittest

from herd import HerdCase


class Relations(HerdCase):
    """No store is needed to be told what can be asked."""

    def told(self, *arguments, status=0):
        done = self.herd.run("sheepdog", "query", *arguments)
        self.assertEqual(done.returncode, status, (done.stdout, done.stderr))
        return (done.stderr if status else done.stdout).decode()

    def test_all_and_one(self):
        self.assertIn("  (facto host key value)  ", self.told("--relations"))
        one = self.told("-r", "runo")
        self.assertTrue(one.startswith("(runo id host service outcome started ended exit)\n"), one)
        self.assertIn("\n  exit     Exit status", one)
        self.assertIn("For example:\n\n  (run* ", one)
        every = json.loads(self.told("--relations", "--json"))
        self.assertIn("(noto GOAL ...)", [entry["usage"] for entry in every])
        [less] = json.loads(self.told("--relations", "--json", "<o"))
        self.assertIn("smaller", less["doc"])

    def test_own_ones(self):
        file = self.herd.file("own.scm", """
(define-relation (trustedo host) "HOST is one of ours." (facto host 'owner "ada"))
(define-question (trusted) "Whom do we trust?" (run* (host) (trustedo host)))""")
        self.assertIn("(trustedo host)  HOST is one of ours.", self.told("-r", "-f", file))
        self.assertEqual(self.told("-r", "-f", file, "trustedo"),
                         "(trustedo host)\n\nHOST is one of ours.\n")

    def test_what_there_is_not(self):
        self.assertIn("no relation called facta, did you mean facto?", self.told("-r", "facta", status=2))
        self.assertIn("facto is no question but a part of one; sheepdog query --relations facto",
                      self.told("facto", status=2))

    def test_what_is_something_else(self):
        file = self.herd.file("own.scm", "(run* (host) (hosto host))")
        self.assertIn(f"did you mean sheepdog query -f {file}?", self.told(file, status=2))
        done = self.herd.run("sheepdog", "query", "own.scm", cwd=os.path.dirname(file))
        self.assertIn("did you mean sheepdog query -f own.scm?", done.stderr.decode())
        self.assertIn("backups-missing is a question; sheepdog query backups-missing --help",
                      self.told("--relations", "backups-missing", status=2))
        self.assertIn('there is no question called "broken now", did you mean broken-now?',
                      self.told("broken now", status=2))
        self.assertIn('there is no question called "web disk"; sheepdog query --list',
                      self.told("web disk", status=2))


if __name__ == "__main__":
    unittest.main()
