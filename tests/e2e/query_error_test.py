# query_error_test.py -- sheepdog query: what is wrong, too long or too large is said, in a line.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import sqlite3
import unittest

from query_case import QueryCase


class Errors(QueryCase):
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
        question = "(run* (i h s t p st su) (reporto i h s t p st su))"
        self.query("--max-memory", "64MiB", "-t", "8s", f"(map list {question})", status=1)
        self.assertRegex(self.error, "^sheepdog query: .*more than 64.0 MiB of memory.*--max-memory SIZE gives it more\n$")
        # Answers that are printed as they are found need no memory.
        for how in ("--csv", "--json"):
            self.assertGreater(self.query("--max-memory", "64MiB", "-t", "60s", how, question).count("\n"), 100000)


if __name__ == "__main__":
    unittest.main()
