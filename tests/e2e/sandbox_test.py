# sandbox_test.py -- sheepdog query --sandbox: strangers' questions are answered, and do nothing else.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import select
import subprocess
import time
import unittest

from daemons import Daemon, Store
from herd import BUILD, HerdCase, wait_for

# Each with the words that are said of it.  EVIL is a command that leaves a file.
ESCAPES = [
    ("((@@ (guile) system) EVIL)", "there is no @@"),
    ("((@ (guile) system) EVIL)", "there is no @"),
    ("(run-for-each system #f (x) (== x EVIL))", "there is no system"),
    ("#.(system EVIL)", "#. read expansion found"),
    ("(eval '(system EVIL) (interaction-environment))", "there is no eval"),
    ("(module-ref (resolve-module '(guile)) 'system)", "there is no module-ref"),
    ("(use-modules (ice-9 popen))", "there is no use-modules"),
    ("(import (ice-9 popen))", "there is no import"),
    ("(define-module (ice-9 popen))", "there is no define-module"),
    ("(define a 1)", "QUESTION:1:1: there is no question at its end"),
    ("(current-module)", "there is no current-module"),
    ("(eval-when (expand) (system EVIL))", "there is no eval-when"),
    ("(cond-expand (guile (system EVIL)))", "there is no cond-expand"),
    ("(define-syntax evil (lambda (form) (datum->syntax form '(system EVIL)))) (evil)", "there is no define-syntax"),
    ("(define-syntax-rule (evil) (system EVIL)) (evil)", "there is no system"),
    ("(define-syntax-rule (evil) ((@@ (guile) system) EVIL)) (evil)", "there is no @@"),
    ("(list #'system)", "there is no syntax"),
    # What a relation calls may be defined after it, and is looked up while it runs.
    ("(run* (q) (let () (define-relation (evil x) (system x)) (evil EVIL)))", "there is no system"),
    ("(map (lambda (x) (define-relation (evil y) (system y)) (run* (q) (evil x))) '(EVIL))", "there is no system"),
    ("(define (f) (g EVIL)) (define-relation (evil x) (system x)) (define (g x) (run* (q) (evil x))) (f)",
     "there is no system"),
    # The state of a search, which a goal of one's own is given, leads nowhere.
    ("(run* (q) (lambda (state) ((vector-ref (vector-ref state 2) 1) EVIL)))", "no matching pattern"),
    ("(run* (q) (lambda (state) ((== q 1) 5)))", "Wrong type argument"),
    ("(define run-for-each system) (run* (q) (== q 1))", "there is no system"),
    ("(define-syntax-rule (run-for-each consume . rest) (consume EVIL system)) (run* (q) (== q 1))",
     "there is no system"),
    ("(match (list 1) ((_ . (set! change)) (change EVIL)))", "no matching pattern"),
    ("(let ((one '(1))) (set-car! one 2) one)", "there is no set-car!"),
    ("(append! '(1) '(2))", "there is no append!"),
    ("(let ((one 1)) (set! one 2) (list one))", "there is no set!"),
    ("(list (parameterize ((current-moment 1)) 1))", "there is no parameterize"),
    ("(variable-ref (make-variable 1))", "there is no variable-ref"),
    ("(start-stack 1 (list 1))", "there is no start-stack"),
    ("(list (make-string -1))", "ut of"),
    ("(list (hashq car 1000000))", "there is no hashq"),
    ("(list (object->string car))", "there is no object->string"),
    ('(open-file "/etc/passwd" "r")', "there is no open-file"),
    ('(primitive-load "/etc/passwd")', "there is no primitive-load"),
    ('(include "/etc/passwd")', "there is no include"),
    ('(open-herd "/etc")', "there is no open-herd"),
    ('(define-store-relation (a x) "" #:columns \'() #:from "host" #:order "1" #:example \'())',
     "there is no define-store-relation"),
    ('(getenv "HOME")', "there is no getenv"),
    ("(list (current-output-port))", "there is no current-output-port"),
    ("(kill 1 9)", "there is no kill"),
    ("(primitive-exit 0)", "there is no primitive-exit"),
    ("(throw 'quit 0)", "there is no throw"),
    ("(throw 'question-too-long)", "there is no throw"),
    ("(scm-error 'system-error #f \"x\" '() '(1))", "there is no scm-error"),
    ("(raise-exception 1)", "there is no raise-exception"),
    ("(catch #t (lambda () (list 1)) list)", "there is no catch"),
    ("(with-throw-handler #t (lambda () (list 1)) list)", "there is no with-throw-handler"),
    ("(error \"oops\" 1)", "QUESTION:1:1: oops 1"),
    ("(call/cc (lambda (k) k))", "there is no call/cc"),
    ("(abort-to-prompt 'x)", "there is no abort-to-prompt"),
    ("(call-with-prompt (make-prompt-tag) (lambda () 1) list)", "there is no call-with-prompt"),
    ("(sleep 100)", "there is no sleep"),
    ("(string->symbol 5)", "Wrong type argument"),
    ("(match 5 ('a 1))", "QUESTION:1:1: no matching pattern"),
    ("(let nest ((n 100) (x '())) (if (zero? n) (list x) (nest (- n 1) (list x))))",
     "QUESTION:1:1: an answer is nested too deep"),
    ("(list-ref (list 1 2) -1)", "Value out of range"),
    ("(fold + 0 (circular-list 1 2))", "Wrong type argument"),
    ("(list (string-pad \"\" 300000))", "an answer is longer than 256 KiB"),
]

TOO_LARGE = [
    "(let loop ((all '())) (loop (cons 1 (cons all all))))",
    "(let loop ((n 1)) (+ 1 (loop n)))",
    '(string-pad "" 10000000000)',
    "(make-vector 1000000000 0)",
    "(list (expt 7 (expt 7 20)))",
]

TOO_LONG = [
    "(let loop () (loop))",
    "(run* (x) (let loop () (fresh () (loop))))",
    "(let loop ((x (circular-list 1 2))) (loop (cdr x)))",
]


class Sandbox(HerdCase):
    def setUp(self):
        super().setUp()
        self.daemon = Daemon(self.herd).start().ready()
        done = self.herd.run("sheepdog", "send", "--host", "alpha", "--service", "web", "--status",
                             "critical", "--fact", "owner=ada", "--fact", "weight=1.5")
        self.assertEqual(done.returncode, 0, done.stderr)
        Store(self.herd).wait_count(1)

    def query(self, *arguments, status=0, how="--sandbox"):
        done = self.herd.run("sheepdog", "query", how, *arguments)
        self.error = done.stderr.decode()
        self.assertEqual(done.returncode, status, (arguments, done.stdout, done.stderr))
        return done.stdout.decode()

    def test_answers_are_the_same_as_without(self):
        self.herd.environment["TZ"] = "America/Lima"
        for arguments in (["(run* (h s t) (fresh (u) (interruptiono h s t u)))"],
                          ["(run* (key value) (facto \"alpha\" key value))"],
                          ["(run* (x y) (=/= x 5) (symbolo y))"],
                          ["(run* (x) (== x '(a \"b\" 1/3 (1.5 . #t) ())))"],
                          ["(map length (run* (x y) (hosto x)))"],
                          ["(run* (day) (fresh (h s t u) (interruptiono h s t u) (dayo t day)))"],
                          ["broken-now"], ["never-interrupted", "--since", "1s"],
                          ["-n", "1", "(run* (key) (fresh (v) (facto \"alpha\" key v)))"]):
            for form in ([], ["--json"], ["--csv"]):
                with self.subTest(arguments=arguments, form=form):
                    found = self.query(*form, *arguments), self.error
                    plain = self.query(*form, *arguments, how="--timeout=10s"), self.error
                    self.assertEqual(found, plain)
                    self.assertTrue(found[0] or arguments[0] == "never-interrupted")

    def test_long_numbers_and_arrays_are_answers_too(self):
        for question in ("(list (expt 10 999))", "(list (- (expt 10 5000)))", "(list (/ 1 (expt 3 3000)))",
                         "(run* (x) (== x #2((1 2))))"):
            self.assertEqual(self.query(question), self.query(question, how="--timeout=10s"), question)
        self.query("(list (expt 10 20000))", status=2)
        self.assertIn("an answer has a number of 20001 characters; it may have 20000", self.error)

    def test_relations_of_ones_own(self):
        path = self.herd.file("r.scm", "(defrel (ownero host who)\n  (facto host 'owner who))")
        self.assertEqual(json.loads(self.query("--json", "-f", path, "(run* (h w) (ownero h w))")),
                         ["alpha", "ada"])
        path = self.herd.file("wrong.scm", "(defrel (ownero host who)\n  (facto host 'owner wo))")
        self.query("-f", path, "(run* (h w) (ownero h w))", status=2)
        self.assertIn(f"{path}:2:3: there is no wo", self.error)

    def test_what_is_not_there_is_said_in_one_line(self):
        left = os.path.join(self.herd.path, "evil")
        for question, words in ESCAPES:
            with self.subTest(question):
                question = question.replace("EVIL", f'"touch {left}"')
                done = self.herd.run("sheepdog", "query", "--sandbox", question)
                error = done.stderr.decode()
                self.assertIn(words, error.replace("there is no relation or procedure", "there is no"))
                self.assertEqual((done.stdout, error.count("\n")), (b"", 1), error)
                self.assertIn(done.returncode, (1, 2))
        self.assertFalse(os.path.exists(left))

    def test_where_something_is_in_memory_is_not_told(self):
        for thing in ("car", "(lambda (x) x)", "(vector (lambda () 1))", "(delay 1)", '(hosto "x")',
                      '(string->char-set "a")'):
            [shown] = json.loads(self.query("--json", f"(list (list {thing}))"))
            self.assertRegex(shown, "^#")
            self.assertNotRegex(shown, "[0-9a-f]{8}")
        self.query("(list ((vector (hosto 1)) 1))", status=2)
        self.assertNotRegex(self.error, "[0-9a-f]{8}")

    def test_what_takes_too_much_memory_is_ended(self):
        for how in ("--sandbox", "--json"):
            for question in TOO_LARGE[:-1] if how == "--json" else TOO_LARGE:
                with self.subTest(question, how=how):
                    self.query("--max-memory", "128MiB", "-t", "20s", question, status=1, how=how)
                    # A collector that is left without memory may wait for itself, until the time is over.
                    self.assertRegex(self.error, "the question (needs|may need) more than 128 MiB of memory")
                    self.assertEqual(self.error.count("\n"), 1, self.error)
        self.query("--max-memory", "1MiB", "(run* (h) (hosto h))", status=2)
        self.assertIn("at least 64MiB", self.error)

    def test_what_takes_too_long_is_ended(self):
        for question in TOO_LONG:
            with self.subTest(question):
                begin = time.monotonic()
                self.query("-t", "300ms", question, status=1)
                self.assertLess(time.monotonic() - begin, 20)
                self.assertIn("not all was searched within 300ms", self.error)
                self.assertEqual(self.error.count("\n"), 1, self.error)
        # What was found before is shown, and as it is found.
        found = self.query("-t", "300ms", "--json", status=1, *[
            "(run* (x) (conde ((hosto x)) ((let loop () (fresh () (loop))))))"])
        self.assertEqual(found, '["alpha"]\n')


class Process(HerdCase):
    """The process that answers, before it is told what is asked."""

    def start_one(self, **settings):
        process = subprocess.Popen([os.path.join(os.path.abspath(BUILD), "libexec/sheepdog/sheepdog-question")],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.herd.environment, **settings)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_it_has_nothing_open_that_who_started_it_left_open(self):
        end, other = os.pipe()
        self.addCleanup(os.close, end)
        high = os.dup2(other, 200)
        process = self.start_one(pass_fds=[other, high])
        os.close(other)
        os.close(high)
        readable, _, _ = select.select([end], [], [], 20)
        self.assertTrue(readable, "a descriptor is still open in it")
        self.assertEqual(os.read(end, 1), b"")
        self.assertIsNone(process.poll())

    def test_others_come_first(self):
        process = self.start_one()

        def score():
            with open(f"/proc/{process.pid}/oom_score_adj") as file:
                return file.read().strip()
        wait_for(lambda: score() == "1000", "it is the first to be ended")
        self.assertGreaterEqual(os.getpriority(os.PRIO_PROCESS, process.pid), 10)


if __name__ == "__main__":
    unittest.main()
