# query_test.py -- sheepdog query: questions to a living herd, their answers, their errors.
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import io
import json
import os
import pty
import sqlite3
import subprocess
import time
import unittest

from daemons import Daemon, Store, hand_in, report
from herd import BUILD, HerdCase, program

SEED = """(run* (host service since)
  (fresh (until memory)
    (interruptiono host service since until)
    (>o until (ago (days 30)))
    (facto host 'host.memory memory)
    (<o memory (gibibytes 64))
    (packageo host "nginx" "1.22.1-9")))"""


class Query(HerdCase):
    def setUp(self):
        super().setUp()
        self.daemon = Daemon(self.herd).start().ready()
        self.sent = 0

    def send(self, *arguments):
        done = self.herd.run("sheepdog", "send", "--host", "alpha", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.sent += 1
        Store(self.herd).wait_count(self.sent)

    def facts(self, **facts):
        self.send("--service", "facts", "--plugin", "fact", "--status", "ok",
                  "--data", json.dumps({k.replace("_", "."): v for k, v in facts.items()}))

    def query(self, *arguments, status=0, **options):
        done = self.herd.run("sheepdog", "query", *arguments, **options)
        self.assertEqual(done.returncode, status, (done.stdout, done.stderr))
        self.error = done.stderr.decode()
        return done.stdout.decode()

    def answers(self, *arguments, **options):
        return [json.loads(line) for line in self.query("--json", *arguments, **options).splitlines()]

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
        self.query("--why", "(list 1)", status=2)
        self.assertIn("--why tells of the answers of a run", self.error)

    def test_time_is_over(self):
        self.send("--service", "web", "--status", "critical")
        endless = "(fresh () (let loop () (fresh () (loop))))"
        found = self.answers("-t", "300ms", f"(run* (x) (conde ((== x 1)) ({endless})))", status=1)
        self.assertEqual(found, [[1]])
        self.assertIn("300ms", self.error)
        self.assertIn("1 answer", self.error)
        # Scheme that loops, and SQL that never comes to a row.
        self.query("-t", "300ms", "(let loop () (loop))", status=1)
        path = self.herd.file("endless.scm", '''
          (define-store-relation (endlesso n)
            "N is below 0, and one of 1, 2, 3 ..."
            #:columns '((n number "s.n" "A number."))
            #:from '((s "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)
                          SELECT n FROM c)"))
            #:where '("s.n < 0")
            #:example '(run* (n) (endlesso n)))
          (run* (n) (endlesso n))''')
        self.query("-t", "300ms", "-f", path, status=1)
        self.assertIn("0 answers", self.error)

    def test_what_is_wrong_is_said_in_one_line(self):
        for question, words in {
                "(run* (h) (hosto h)": ["QUESTION:1:1: (run* ... is not closed"],
                "(run* (h) (hostoo h))": ["QUESTION:1:11: there is no hostoo", "did you mean hosto?"],
                "(run* (h) (facto h 'host.memory))": ["facto takes 3 arguments, (facto host key value)"],
                "(run* (h) (fresh (s) (statuso h s 'bad 1)))": ["statuso", "status", "critical"],
                "(run* (h) (fresh (m) (hosto h) (<o m 5)))": ["<o", "first argument"],
                "(run* (h) (hosto h) (<o h 5))": ["<o", "number 5", "string"],
                "(run*)": ["run* is written as (run* (VARIABLE ...) GOAL ...)"],
                "(run* (h) hosto)": ["(hosto host)"],
                "17": ["17"],
                "(throw 'oops 1)": ["QUESTION:1:1: the question raised oops"],
                "(throw 'wrong-type-arg 1)": ["QUESTION:1:1: the question raised wrong-type-arg"],
                "(raise-exception 5)": ["QUESTION:1:1: the question raised 5"],
                "(run* (x) (project (x) (throw 'oops 1)))": ["QUESTION:1:1: the question raised oops"],
                "(define-relation (ours h) (hosto h))": ["there is no question at its end"],
                "": ["there is no question"]}.items():
            with self.subTest(question):
                self.facts(a=1)
                self.assertEqual(self.query(question, status=2), "")
                self.assertEqual(self.error.count("\n"), 1, self.error)
                for word in words:
                    self.assertIn(word, self.error)
        self.query("(exit 0)", status=2)
        self.assertIn("it called (exit)", self.error)
        self.query(status=2)
        path = self.herd.file("wrong.scm", "(defrel (a h)\n  (hosto hots))\n(run* (host) (a host))")
        self.query("-f", path, status=2)
        self.assertIn(f"{path}:2:3: there is no hots; did you mean host?", self.error)
        self.query("-f", os.path.join(self.herd.path, "none.scm"), status=2)
        self.assertIn("none.scm", self.error)

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

    def test_in_the_repl_a_slip_is_one_line_and_an_error_can_be_looked_at(self):
        self.send("--service", "web", "--status", "critical")

        def said(*lines):
            """What comes after Guile's greeting; a prompt is no line."""
            done = self.herd.run("sheepdog", "repl", stdin=None, input="".join(line + "\n" for line in lines).encode())
            self.assertEqual(done.stderr, b"")
            text = done.stdout.decode().partition("Enter `,help' for help.\n")[2]
            return [line for line in text.splitlines() if not line.endswith("> ")]
        self.assertEqual(said("(run* (h) (hostoo h))", "(run* (h) (hosto 'alpha))", "(run* (h) hosto)",
                              "(run* (h) (hosto h) (<o h 5))", '(open-herd "/nowhere/store.db")', "(+ 1 2)"),
                         ["there is no hostoo; did you mean hosto?",
                          'hosto: host must be a string, not the symbol alpha; write "alpha"',
                          "hosto alone is no goal; a goal is (hosto host)",
                          '<o: the string "alpha" cannot be compared with the number 5',
                          "/nowhere/store.db: No such file or directory", "$1 = 3"])
        for program in ("(define (f x) (list (string-append x 1))) (f \"a\")",
                        "(define (f x) (list (g x))) (f 1)"):
            text = "\n".join(said(program, ",bt"))
            self.assertIn("Type `,bt' for a backtrace", text)
            self.assertIn("(f ", text)

    def test_a_text_of_any_size_and_depth_is_read_with_care(self):
        self.facts(a=1)
        deep = "(" * 200000 + ")" * 200000
        for how in ([], ["--sandbox"], ["--daemon"]):
            for text, words in ((deep, "parentheses are nested deeper than 500"),
                                (f"(run* (x) (== x '{'(' * 501 + ')' * 501}))", "nested deeper than 500"),
                                ("'" * 200000 + "x", "nested deeper than 500"),
                                ("(list \"" + "x" * 1100000 + "\")", "a question has at most 1048576 characters; this has 1100009"),
                                ("(list '(" + "1 " * 20001 + "))", "large.scm:1:8: a list has at most 20000 elements")):
                with self.subTest(text[:20], how=how):
                    path = self.herd.file("large.scm", text)
                    self.query(*how, "-f", path, status=2)
                    self.assertIn(words, self.error)
                    self.assertTrue(self.error.startswith(f"sheepdog query: {path}"), self.error)
                    self.assertEqual(self.error.count("\n"), 1, self.error)
        self.answers(f"(run* (x) (== x '{'(' * 40 + ')' * 40}))")

    def test_a_very_long_list_is_one_value(self):
        self.facts(a=1)
        for how in ([], ["--sandbox"]):
            text = self.query(*how, "--csv", "(list (iota 101))")
            self.assertEqual(text.splitlines()[0], "answer")
            self.assertEqual(len(self.query(*how, "(list (iota 20000))").splitlines()), 2)
            self.assertEqual(self.query(*how, "--csv", "(list (iota 3))"), "1,2,3\n0,1,2\n")

    def test_a_question_that_leaves_the_collector_no_memory(self):
        self.facts(a=1)
        connection = sqlite3.connect(os.path.join(self.herd.state_dir, "store.db"), timeout=30)
        columns = [row[1] for row in connection.execute("PRAGMA table_info(report)") if row[1] != "report_id"]
        values = ["randomblob(16)" if column == "uuid" else column for column in columns]
        connection.execute(f"""INSERT INTO report({', '.join(columns)})
            SELECT {', '.join(values)} FROM report, (WITH RECURSIVE c(n) AS
              (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000) SELECT n FROM c)""")
        connection.execute("""INSERT OR IGNORE INTO observation(service_id, time, report_id, status, elsewhere)
            SELECT service_id, time, report_id, status, 0 FROM report""")
        connection.commit()
        connection.close()
        # Where it aborts, and where it looks for memory until time is over.
        self.query("--max-memory", "64MiB", "-t", "8s",
                   "(run* (i h s t p st su) (reporto i h s t p st su))", status=1)
        self.assertRegex(self.error, "^sheepdog query: .*more than 64.0 MiB of memory.*--max-memory SIZE gives it more\n$")

    def test_a_question_cannot_write(self):
        self.send("--service", "web", "--status", "critical")
        hostile = "x' OR 1; DELETE FROM report --"
        self.assertEqual(self.answers(f'(run* (k v) (facto "{hostile}" k v))'), [])
        self.assertEqual(Store(self.herd).one("SELECT count(*) FROM report"), 1)


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


class NoStore(HerdCase):
    def test_which_one_was_looked_for(self):
        done = self.herd.run("sheepdog", "query", "(run* (h) (hosto h))")
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"{self.herd.state_dir}/store.db", done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
