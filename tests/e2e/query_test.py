# query_test.py -- sheepdog query: questions to a living herd, and their answers.
# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
import time
import unittest

from daemons import Store, hand_in, report
from herd import BUILD, HerdCase
from query_case import QueryCase

SEED = """(run* (host service since)
  (fresh (until memory)
    (interruptiono host service since until)
    (>o until (ago (days 30)))
    (facto host 'host.memory memory)
    (<o memory (gibibytes 64))
    (packageo host "nginx" "1.22.1-9")))"""


class Query(QueryCase):
    def test_the_question_that_all_began_with(self):
        begin = time.time()
        self.facts(host_memory=16 * 2**30, package_nginx="1.22.1-9")
        self.send("--service", "web", "--status", "ok")
        self.assertEqual(self.answers(SEED), [])
        self.send("--service", "web", "--status", "critical", "--summary", "no answer")
        [[host, service, since]] = self.answers(SEED)
        self.assertEqual((host, service), ("alpha", "web"))
        self.assertLess(begin, since)
        self.assertLess(since, time.time())
        # Other versions, more memory: no answer. After its end it is one still.
        self.assertEqual(self.answers(SEED.replace("22.1-9", "22.1-8")), [])
        self.assertEqual(self.answers(SEED.replace("64", "16")), [])
        self.send("--service", "web", "--status", "ok")
        self.assertEqual(len(self.answers(SEED)), 1)
        self.assertEqual(self.answers("(run* (s t) (interruptiono \"alpha\" s t 'now))"), [])

    def test_an_uninstalled_package_is_known_as_of_before(self):
        self.facts(package_nginx="1.22.1-9")
        middle = time.time()
        self.facts(package_nginx=None)
        self.assertEqual(self.answers('(run* (host) (packageo host "nginx" "1.22.1-9"))'), [])
        [[host]] = self.answers(f"""
          (run* (host)
            (fresh (since until)
              (fact-duringo host 'package.nginx "1.22.1-9" since until)
              (<=o since {middle})
              (>o until {middle})))""")
        self.assertEqual(host, "alpha")

    def test_a_file_defines_relations_first(self):
        self.facts(host_memory=7)
        path = self.herd.file("question.scm", """
          ;; How much memory?
          (defrel (memoryo host n) (facto host 'host.memory n))
          (run* (host n) (>o n 3) (memoryo host n))""")
        self.assertEqual(self.answers("-f", path), [["alpha", 7]])
        with open(path) as file:
            self.assertEqual(self.answers("-f", "-", stdin=file), [["alpha", 7]])

    def test_relations_of_a_file_for_a_question_beside_it(self):
        self.facts(host_memory=7)
        path = self.herd.file("relations.scm", "(defrel (memoryo host n) (facto host 'host.memory n))")
        question = "(run* (host n) (memoryo host n))"
        self.assertEqual(self.answers("-f", path, question), [["alpha", 7]])
        with open(path) as file:
            self.assertEqual(self.answers("-f", "-", question, stdin=file), [["alpha", 7]])

    def test_several_files_are_read_in_their_order(self):
        self.facts(host_memory=7)
        first = self.herd.file("first.scm", "(defrel (memoryo host n) (facto host 'host.memory n))")
        last = self.herd.file("last.scm", "(run* (host n) (memoryo host n))")
        self.assertEqual(self.answers("-f", first, "-f", last), [["alpha", 7]])
        # Beside a question that of a file is not asked.
        self.assertEqual(self.answers("-f", first, "-f", last, "(run* (n) (memoryo \"alpha\" n))"), [[7]])
        self.query("-f", last, "-f", last, status=2)
        self.assertIn(f"{last}:1:1: this question would have no answers", self.error)

    def test_the_herd_as_it_was(self):
        hand_in(self.herd, report("web", status="critical", time=time.time() - 3 * 3600), report("web"))
        Store(self.herd).wait_count(2)
        question = "(run* (s) (fresh (t) (statuso \"alpha\" \"web\" s t)))"
        for how in ([], ["--sandbox"], ["--daemon"]):
            self.assertEqual(self.answers(*how, question), [["ok"]])
            self.assertEqual(self.answers(*how, "--at", "1h", question), [["critical"]])
            self.assertEqual(self.answers(*how, "--at", "1h", "broken-now")[0][:3], ["alpha", "web", "critical"])
            self.assertEqual(self.answers(*how, "--at", "1970-01-02Z", "(run* (x) (== x (ago 0)))"), [[86400]])
        for at, words in (("tomorrow", '"tomorrow" is no time'), ("2999-01-01", "is yet to come"),
                          ("27", '"27" is no time'), ("0", '"0" is no time'), ("", '"" is no time')):
            self.query("--at", at, question, status=2)
            self.assertIn(words, self.error)

    def test_at_an_earlier_time(self):
        hand_in(self.herd, report("web", status="critical", time=1767312000),  # 2026-01-02, UTC
                report("web", status="ok", time=1767484800))
        Store(self.herd).wait_count(2)
        question = "(run* (status) (fresh (host since) (statuso host \"web\" status since)))"
        self.assertEqual(self.answers(question), [["ok"]])
        self.assertEqual(self.answers("--at", "2026-01-03 00:00Z", question), [["critical"]])
        self.assertEqual(self.answers("--at", "2026-01-01 00:00Z", question), [])
        self.query("--at", "yesterday", question, status=2)
        self.assertIn("3d for three days ago", self.error)

    def test_the_repl_and_plain_guile_ask_too(self):
        self.send("--service", "web", "--status", "critical")
        question = "(run* (h s) (fresh (t) (statuso h s 'critical t)))"
        done = self.herd.run("sheepdog", "repl", stdin=None, input=question.encode())
        self.assertIn(b'(("alpha" "web"))', done.stdout)
        env = dict(self.herd.environment, GUILE_AUTO_COMPILE="0",
                   GUILE_LOAD_PATH=f"{BUILD}/share/guile/site/3.0",
                   GUILE_LOAD_COMPILED_PATH=f"{BUILD}/lib/guile/3.0/site-ccache")
        done = subprocess.run(
            ["guile", "-c", f"""(use-modules (sheepdog query)) (open-herd "{self.herd.state_dir}")
                                (write {question})"""],
            env=env, timeout=30, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.stdout, done.stderr), (b'(("alpha" "web"))', b""))

    def test_a_question_cannot_write(self):
        self.send("--service", "web", "--status", "critical")
        hostile = "x' OR 1; DELETE FROM report --"
        self.assertEqual(self.answers(f'(run* (k v) (facto "{hostile}" k v))'), [])
        self.assertEqual(Store(self.herd).one("SELECT count(*) FROM report"), 1)


class NoStore(HerdCase):
    def test_which_one_was_looked_for(self):
        done = self.herd.run("sheepdog", "query", "(run* (h) (hosto h))")
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"{self.herd.state_dir}/store.db", done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
