# query_output_test.py -- sheepdog query: answers as people and programs read them, and what is told beside them.
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import io
import json
import os
import pty
import re
import select
import subprocess
import time
import unittest

from daemons import Store, hand_in, report
from herd import program
from query_case import QueryCase


class Output(QueryCase):
    def test_formats(self):
        self.facts(a='say "x", y', b=1.5)
        question = "(run* (key value) (facto \"alpha\" key value))"
        self.assertEqual(self.answers(question), [["a", 'say "x", y'], ["b", 1.5]])
        self.assertEqual(list(csv.reader(io.StringIO(self.query("--csv", question), newline=""))),
                         [["key", "value"], ["a", 'say "x", y'], ["b", "1.5"]])
        self.assertEqual(self.query(question),
                         'key  value\na    say "x", y\nb    1.5\n')
        self.assertEqual(self.query("-n", "1", question), 'key  value\na    say "x", y\n')
        self.assertEqual(self.answers("-n", "2", question), [["a", 'say "x", y'], ["b", 1.5]])
        self.assertEqual(self.error, "")
        self.assertEqual(self.answers("(run 1 (key) (fresh (v) (facto \"alpha\" key v)))"), [["a"]])
        # Any Scheme that returns a list will do.
        self.assertEqual(self.answers("(map cadr (run* (k v) (facto \"alpha\" k v)))"),
                         [['say "x", y'], [1.5]])
        self.assertEqual(self.answers("(run* (x) (== x '(a (\"b\" 1))))"), [[["a", ["b", 1]]]])
        # What a spreadsheet would take for a formula is as it was reported, for programs.
        self.facts(c="=1+1")
        self.assertEqual(self.query("--csv", "(run* (v) (facto \"alpha\" 'c v))"), "v\n=1+1\n")

    def test_all_lines_of_csv_have_as_many_fields(self):
        path = self.herd.file("many.scm", """
            (defrel (uptoo a n) (conde ((== a n)) ((project (n) (if (> n 0) (uptoo a (- n 1)) fail)))))
            (run* (a b) (conde ((=/= a 5) (== b 2)) ((uptoo a 2500) (== b 1))))""")
        lines = list(csv.reader(io.StringIO(self.query("--csv", "-f", path), newline="")))
        self.assertEqual((lines[0], len(lines)), (["a", "b", "where"], 2503))
        self.assertEqual({len(line) for line in lines}, {3})

    def test_that_there_are_more_answers_is_said_beside_them(self):
        self.facts(a=1, b=2, c=3)
        question = "(run* (value) (fresh (key) (facto \"alpha\" key value)))"
        more = "sheepdog query: there are more than 2 answers; without -n all are shown\n"
        for format, out in (("--json", "[1]\n[2]\n"), ("--csv", "value\n1\n2\n"), (None, None)):
            found = self.query("-n", "2", question, *([format] if format else []))
            self.assertEqual(self.error, more)
            if out:
                self.assertEqual(found, out)
        self.query("-n", "3", question)
        self.assertEqual(self.error, "")
        # A list of Scheme, and a run that has a limit of its own, which is not exceeded.
        self.query("-n", "2", f"(map list {question})")
        self.assertEqual(self.error, more)
        self.query("-n", "2", question.replace("run*", "run 2"))
        self.assertEqual(self.error, "")
        # Where the search for one more does not end, the answers are good all the same.
        endless = "(run* (x) (conde ((== x 1)) ((let loop () (fresh () (loop))))))"
        self.assertEqual(self.answers("-n", "1", "-t", "200ms", endless), [[1]])
        self.assertEqual(self.error, more.replace("are more than 2 answers", "may be more than 1 answer"))

    def test_times_are_readable_in_the_table_and_numbers_elsewhere(self):
        self.send("--service", "web", "--status", "critical")
        question = "(run* (since until) (fresh (h s) (interruptiono h s since until)))"
        env = dict(self.herd.environment, TZ="UTC")
        table = self.query(question, env=env).splitlines()[1]
        [[since, until]] = self.answers(question)
        self.assertEqual(table, time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(since)) + "  now")
        self.assertEqual(until, "now")

    def test_lengths_of_time_and_long_numbers_are_readable_in_the_table(self):
        question = "(run* (long mean n) (durationo 0 5400 long) (avgo mean (x) (durationo 0 90 x)) (== n 200/3))"
        self.assertEqual(self.query(question), "long    mean         n\n1h 30m  1m 30s  66.667\n")
        [[long, mean, n]] = self.answers(question)
        self.assertEqual((long, mean), (5400, 90))
        self.assertAlmostEqual(n, 200 / 3)

    def test_the_terminal_is_told_which_store_was_read(self):
        self.send("--service", "web", "--status", "critical")
        leader, follower = pty.openpty()
        env = dict(self.herd.environment, TERM="xterm")
        env.pop("NO_COLOR", None)
        subprocess.run([program("sheepdog"), "query", "(run* (s) (fresh (h t) (statuso h \"web\" s t)))"],
                       stdin=follower, stdout=follower, env=env, timeout=30, check=True)
        os.close(follower)
        text = os.read(leader, 65536).decode()
        os.close(leader)
        self.assertIn("\x1b[31mcritical\x1b[0m", text)
        self.assertIn(f"1 answer from {self.herd.state_dir}/store.db", text)

    def test_what_programs_read_is_that_alone(self):
        self.facts(a=1)
        question = "(run* (v) (facto \"alpha\" 'a v))"
        for how, found in (("--json", "[1]\r\n"), ("--csv", "v\r\n1\r\n")):
            # Two terminals, so that what goes where can be told.
            ends = [pty.openpty(), pty.openpty()]
            subprocess.run([program("sheepdog"), "query", how, question], stdout=ends[0][1], stderr=ends[1][1],
                           stdin=subprocess.DEVNULL, env=self.herd.environment, timeout=30, check=True)
            texts = []
            for leader, follower in ends:
                os.write(follower, b".")
                texts.append(os.read(leader, 65536).decode().rstrip("."))
                os.close(leader)
                os.close(follower)
            self.assertEqual(texts[0], found)
            self.assertIn(f"1 answer from {self.herd.state_dir}/store.db", texts[1])
            self.query(how, question)
            self.assertEqual(self.error, "")

    def test_a_very_long_list_is_one_value(self):
        self.facts(a=1)
        for how in ([], ["--sandbox"]):
            text = self.query(*how, "--csv", "(list (iota 101))")
            self.assertEqual(text.splitlines()[0], "answer")
            self.assertEqual(len(self.query(*how, "(list (iota 20000))").splitlines()), 2)
            self.assertEqual(self.query(*how, "--csv", "(list (iota 3))"), "1,2,3\n0,1,2\n")

    def test_explain_says_what_went_where(self):
        self.send("--service", "web", "--status", "critical")
        text = self.query("--explain", """(run* (host) (fresh (service since)
            (statuso host service 'critical since)
            (project (service) (== service "web"))))""")
        for words in ("SELECT 1, asked once, 1 row read", "(statuso host service 'critical since)",
                      "FROM state s", "SEARCH s USING", "Searched for:", "project"):
            self.assertIn(words, text)

        self.query("--explain", "-n", "1", "(run* (x) (conde ((== x 1)) ((== x 2))))")
        self.assertIn("there are more than 1 answer; ", self.error)

    def test_why_shows_rows_and_their_reports(self):
        one = report("web", status="critical")
        hand_in(self.herd, one)
        Store(self.herd).wait_count(1)
        text = self.query("--why", """(run* (host service) (fresh (since)
            (statuso host service 'critical since) (>o since 0) (<o 1 2) (<o 1 (+ 1 1))))""")
        lines = text.splitlines()
        self.assertEqual(len([line for line in lines if line.startswith("host ")]), 1)
        self.assertRegex(text, r'  statuso "[^"]+" "web" critical 20\d\d-.*\(report ' + one["id"] + r"\)")
        self.assertRegex(text, r"  \(>o since 0\), which is \(>o 20\d\d-[^)]* 1970-01-01 [^)]*\)\n")
        self.assertIn("  (<o 1 2)\n  (<o 1 (+ 1 1)), which is (<o 1 2)\n", text)
        # Of what is counted the first few, of the least and the greatest that one.
        self.facts(**{f"k{n:02}": n for n in range(14)})
        text = self.query("--why", """(run* (n sum) (counto n (k v) (facto "alpha" k v) (<o v 12))
            (sumo sum (v k) (facto "alpha" k v) (<o v 2)))""")
        counted, summed = text.split("  (sumo ")
        self.assertEqual(counted.count('\n    facto "alpha" "k'), 10)
        self.assertTrue(counted.endswith("\n    and 2 more\n"), text)
        self.assertEqual(re.findall(r'\n    facto "alpha" "(k..)" (\d+)  \(report ', summed), [("k00", "0"), ("k01", "1")])
        text = self.query("--why", """(run* (h n last) (fresh (t) (groupo (h) ((counto n)) (s) (serviceo h s))
            (maxo last (v k) (facto h k v)) (someo (fresh (k v) (facto h k v))) (noto (serviceo h "none"))))""")
        self.assertEqual(re.findall(r'\n    (.*?)(?:  \(report .*)?(?=\n)', text),
                         ['serviceo "alpha" "facts"', 'serviceo "alpha" "web"', 'facto "alpha" "k13" 13', 'facto "alpha" "k00" 0'])
        # A great many are not all counted.
        ks = " ".join(f"k{n} v{n}" for n in range(3))
        goals = " ".join(f'(facto "alpha" k{n} v{n})' for n in range(3))
        self.assertIn("\n    and at least 990 more\n", self.query("--why", f"(run* (n) (counto n ({ks}) {goals}))"))
        # What lasts is as great as the present.
        text = self.query("--why", """(run* (m) (maxo m (until)
            (fresh (s since) (interruptiono "alpha" s since until))))""")
        self.assertRegex(text, r'\n    interruptiono "alpha" "web" 20\S* \S* now  \(report ')
        self.assertEqual(self.query("--why", "(run* (h s) (serviceo h s) (== s \"none\"))"), "h  s\n")
        self.query("--why", "(list 1)", status=2)
        self.assertIn("--why tells of the answers of a run", self.error)

    def test_printing_takes_no_time_after_the_end(self):
        for n in range(4):
            self.facts(**{f"k{n}": n})
        names = [f"v{n}" for n in range(12)]
        keys = [f"k{n}" for n in range(12)]
        goals = " ".join(f'(facto "alpha" {key} {name})' for key, name in zip(keys, names))
        product = f"(run* ({' '.join(names)}) (fresh ({' '.join(keys)}) {goals}))"

        def ask(*how):
            return subprocess.Popen([program("sheepdog"), "query", *how, product], env=self.herd.environment,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        # The first rows are there while there is time left.
        for how in ((), ("--csv",), ("--why",)):
            asked = self.herd.adopt(ask("-t", "60s", *how))
            for _ in range(900):
                self.assertTrue(asked.stdout.readline())
            self.assertIsNone(asked.poll())
            asked.terminate()
            asked.communicate()
        # Who reads slowly gets all that was found, each line whole.
        for how in ((), ("--csv",), ("--json",)):
            asked = self.herd.adopt(ask("-t", "1s", *how))
            select.select([asked.stderr], [], [], 4)
            out, err = asked.communicate(timeout=60)
            self.assertEqual(asked.returncode, 1)
            lines = out.decode().splitlines()
            self.assertIn(f"found so far: {len(lines) - (how != ('--json',))} answers", err.decode())
            self.assertGreater(len(lines), 2000)
            columns = (lambda line: len(json.loads(line))) if how == ("--json",) else (
                lambda line: len(line.replace(",", " ").split()))
            self.assertEqual({columns(line) for line in lines}, {12})


if __name__ == "__main__":
    unittest.main()
