# library_test.py -- sheepdog query NAME: questions that have names, wherever they are from.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import signal
import unittest

from daemons import Daemon, Store, configuration
from herd import HerdCase

OWN = """(define-question (hosts-with (key text "A fact.") (value text any "What it is."))
  "Which hosts have a fact?"
  (run* (host value) (ownedo host key value)))
(define-relation (ownedo host key value) "HOST has KEY." (facto host key value))"""


class Library(HerdCase):
    def setUp(self):
        super().setUp()
        self.herd.environment["XDG_CONFIG_HOME"] = os.path.join(self.herd.path, "config")

    def start(self, *settings):
        self.daemon = Daemon(self.herd, configuration(self.herd, *settings)).start().ready()
        for sent, arguments in enumerate((("--fact", "owner=ada"), ("--status", "critical")), 1):
            done = self.herd.run("sheepdog", "send", "--host", "alpha", "--service", "web", *arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            Store(self.herd).wait_count(sent)

    def query(self, *arguments, status=0):
        done = self.herd.run("sheepdog", "query", *arguments)
        self.error = done.stderr.decode()
        self.assertEqual(done.returncode, status, (done.stdout, done.stderr))
        return done.stdout.decode()

    def answers(self, *arguments):
        return [json.loads(line) for line in self.query("--json", *arguments).splitlines()]

    def own(self, name="own.scm", text=OWN):
        directory = os.path.join(self.herd.environment["XDG_CONFIG_HOME"], "sheepdog", "questions")
        os.makedirs(directory, exist_ok=True)
        path = os.path.join(directory, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o644)
        return path

    def test_one_that_comes_with_it(self):
        self.start()
        [[host, service, status, _]] = self.answers("broken-now")
        self.assertEqual((host, service, status), ("alpha", "web", "critical"))
        self.assertEqual(self.query("broken-now").splitlines()[0].split(),
                         ["host", "service", "status", "since"])

    def test_the_list(self):
        path = self.own()
        lines = self.query("--list").splitlines()
        self.assertEqual(lines[0].split(), ["name", "options", "asks"])
        [line] = [line for line in lines if line.startswith("hosts-with")]
        self.assertRegex(line, r"^hosts-with +--key TEXT \[--value TEXT\] +Which hosts have a fact\?$")
        listed = {row["name"]: row for row in json.loads(self.query("--list", "--json"))}
        self.assertIn("interrupted-with-package", listed)
        self.assertEqual(listed["hosts-with"], {
            "name": "hosts-with", "doc": "Which hosts have a fact?", "place": f"{path}:1:1",
            "parameters": [
                {"name": "key", "type": "text", "required": True, "default": None, "help": "A fact."},
                {"name": "value", "type": "text", "required": False, "default": None,
                 "help": "What it is."}]})

    def test_what_one_is_told_about_each(self):
        path = self.own()
        help = self.query("hosts-with", "--help")
        for line in ("Usage: sheepdog query hosts-with --key TEXT [--value TEXT]",
                     "Which hosts have a fact?", "      --key TEXT    A fact. It must be given.",
                     "      --value TEXT  What it is.", f"The question is defined in {path}:1:1."):
            self.assertIn(line, help.splitlines())
        self.assertIn("Default: 8GiB.", self.query("interrupted-with-package", "-h"))

    def test_the_users_own_with_options(self):
        self.start()
        self.own()
        self.assertEqual(self.answers("hosts-with", "--key", "owner"), [["alpha", "ada"]])
        self.assertEqual(self.answers("hosts-with", "--key=owner", "--value=bob"), [])
        for how in ("--sandbox", "--daemon"):
            self.assertEqual(self.answers(how, "hosts-with", "--key", "owner"), [["alpha", "ada"]])
            self.assertEqual(self.answers(how, "(run* (v) (ownedo \"alpha\" 'owner v))"), [["ada"]])
        # Its relations are there for any question, and one with the name of another goes before it.
        self.assertEqual(self.answers("(run* (v) (ownedo \"alpha\" 'owner v))"), [["ada"]])
        self.query("--list")
        self.assertEqual(self.error, "")
        path = self.own("more.scm", "(define-question (broken-now) \"Mine.\" (run* (x) (== x 1)))")
        self.assertEqual(self.answers("broken-now"), [[1]])
        self.assertEqual(self.error, "")
        # That it does is told where one looks.
        self.query("--list")
        self.assertRegex(self.error, f"^sheepdog query: broken-now is that in {path}:1:1, which hides that in "
                                     r"/.*/interruptions\.scm:\d+:1\n$")
        self.assertRegex(self.query("broken-now", "--help"),
                         fr"in {path}:1:1, and hides that in /.*/interruptions\.scm:\d+:1\.\n$")

    def test_what_nobody_ever_told_of(self):
        self.start()
        self.own()
        for arguments, said in {
                ("(run* (s t) (statuso \"alphb\" \"web\" s t))",):
                    "there is no host alphb in this store; did you mean alpha?",
                ("--sandbox", "hosts-with", "--key", "ownr"):
                    "there is no fact ownr in this store; did you mean owner?",
                ("--daemon", "hosts-with", "--key", "ownr"):
                    "there is no fact ownr in this store; did you mean owner?",
                ("--explain", "hosts-with", "--key", "ownr"):
                    "there is no fact ownr in this store; did you mean owner?",
                ("--why", "(run* (s) (serviceo \"alphb\" s))"):
                    "there is no host alphb in this store; did you mean alpha?",
                ("availability", "--service", "db"): "there is no service db in this store",
                ("(run* (v) (packageo \"alpha\" \"nginx\" v))",): "there is no package nginx in this store",
                ("--at", "2001-01-01", "broken-now"): "nothing is known before 20"}.items():
            with self.subTest(arguments):
                self.query(*arguments)
                self.assertIn(f"sheepdog query: {said}", self.error)
                self.assertEqual(self.error.count("\n"), 1, self.error)
                for how in () if arguments[0] in ("--explain", "--why") else ("--json", "--csv"):
                    self.query(how, *arguments)
                    self.assertEqual(self.error, "")
        for arguments in (("backups-missing", "--service", "no*"), ("(run* (h) (facto h 'owner \"bob\"))",)):
            self.query(*arguments)
            self.assertEqual(self.error, "")

    def test_in_the_repl(self):
        self.start()
        self.own()
        done = self.herd.run("sheepdog", "repl", input=b"""(run* (v) (ownedo "alpha" 'owner v))
,ask hosts-with --key owner --value "ada"
,ask hosts-wit
,ask hosts-with --key
,about hosts-with
,about runo
,why hosts-with --key owner
,why (run* (s) (fresh (t) (statuso "alpha" "web" s t)))
,why (map list (run* (h) (hosto h)))
,explain (run* (h) (hosto h))
,ask (run* (h) (hostoo h))
(run* (s) (serviceo "alphb" s))
,ask (run* (s) (serviceo "alphc" s))
,why hosts-with --key=owmer
""")
        for words in (b"there is no host alphb in this store; did you mean alpha?\n$", b"there is no host alphc in this",
                      b"there is no fact owmer in this store; did you mean owner?\n",
                      b"(run* (host) (hosto host)), has reasons", b"statuso ", b"owner", b"FROM host",
                      b"there is no hostoo; did you mean hosto?", b'= ("ada")', b"host   value\nalpha  ada\n", b"did you mean hosts-with?",
                      b"--key needs a value", b"\n  exit     Exit status", b"Which hosts have a fact?"):
            self.assertIn(words, done.stdout)
        self.assertEqual(done.stderr, b"")

    def test_what_the_configuration_of_the_running_daemon_names(self):
        self.herd.file("questions.scm", OWN)
        os.chmod(os.path.join(self.herd.path, "questions.scm"), 0o644)
        self.start('#:questions "questions.scm"')
        self.assertEqual(self.answers("hosts-with", "--key", "owner"), [["alpha", "ada"]])
        self.assertEqual(self.answers("(run* (v) (ownedo \"alpha\" 'owner v))"), [["ada"]])
        done = self.herd.run("sheepdog", "repl", input=b",ask hosts-with --key owner\n")
        self.assertIn(b"alpha  ada\n", done.stdout)
        other = configuration(self.herd, name="other.scm")
        self.query("-c", other, "hosts-with", "--key", "owner", status=2)

    def test_what_a_new_configuration_names(self):
        self.start()
        self.query("hosts-with", "--key", "owner", status=2)
        os.chmod(self.herd.file("questions.scm", OWN), 0o644)
        configuration(self.herd, '#:questions "questions.scm"')
        self.daemon.process.send_signal(signal.SIGHUP)
        self.daemon.wait_log("the new configuration is in force")
        self.assertEqual(self.answers("hosts-with", "--key", "owner"), [["alpha", "ada"]])

    def test_a_configuration_whose_questions_are_wrong_is_refused(self):
        os.chmod(self.herd.file("questions.scm", OWN.replace("key text", "key txt")), 0o644)
        config = configuration(self.herd, "#:questions '(\"questions.scm\")")
        done = self.herd.run("sheepdog", "check", config)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"questions.scm:1:1: parameter key: there is no type txt; did you mean text?",
                      done.stderr.decode())

    def test_of_a_file(self):
        self.start()
        path = self.herd.file("q.scm", OWN)
        self.assertEqual(self.answers("-f", path, "hosts-with", "--key", "owner"), [["alpha", "ada"]])
        rows = json.loads(self.query("-f", path, "--list", "--json"))
        self.assertLessEqual({"hosts-with", "broken-now"}, {row["name"] for row in rows})
        self.query("-f", path, status=2)
        self.assertIn(f"give the name of one of its questions: sheepdog query -f {path} hosts-with",
                      self.error)

    def test_what_is_wrong_is_said_in_one_line(self):
        self.start()
        self.own()
        for arguments, words in {
                ("host-with",): "there is no question called host-with, did you mean hosts-with?; "
                                "sheepdog query --list shows all",
                ("broken",): "there is no question called broken, did you mean broken-now or broken-together?; ",
                ("missing-backup",): "there is no question called missing-backup, did you mean backups-missing?; ",
                ("backups-mising", "--days=7"): "called backups-mising, did you mean backups-missing?; ",
                ("disks",): "called disks, did you mean disks-filling, disks-low or disk-before-failure?; ",
                ("xyzzy",): "there is no question called xyzzy; sheepdog query --list shows all",
                ("hosts-with",): "hosts-with: --key TEXT is missing, a text that is not empty; see "
                                 "sheepdog query hosts-with --help",
                ("hosts-with", "--kye", "a"): "it has no option --kye (did you mean --key?)",
                ("interrupted-with-package", "--days", "soon"): '"soon" is not a length of time',
                ("broken-now", "--days", "7"): "broken-now: it has no option --days; see",
                ("broken-now", "7"): 'unexpected argument "7"'}.items():
            with self.subTest(arguments):
                self.assertEqual(self.query(*arguments, status=2), "")
                self.assertEqual(self.error.count("\n"), 1, self.error)
                self.assertIn(words, self.error)
        # A file that cannot be read is said where a name is not found and in the list, and harms no other.
        path = self.own("wrong.scm", "(define-question (a")
        self.assertEqual(len(self.answers("broken-now")), 1)
        self.assertIn("broken-now", self.query("--list", status=2))
        self.assertIn(f"{path}:", self.error)
        self.query("a", status=2)
        self.assertIn(f"{path}:", self.error)


if __name__ == "__main__":
    unittest.main()
