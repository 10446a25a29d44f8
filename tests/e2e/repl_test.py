# repl_test.py -- somebody types at the REPL of a living daemon, as people and as Geiser do.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re
import socket
import unittest

from daemons import Daemon, Store, configuration, hand_in, report
from herd import HerdCase

PROMPT = re.compile(rb"scheme@\([^)]*\)(?: \[(\d+)\])?> $")


class Conversation:
    """Each line is sent when the prompt is there, so that the REPL has to wait for it."""

    def __init__(self, herd, deadline=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(deadline)
        self.socket.connect(os.path.join(herd.state_dir, "repl"))
        herd.also_close(self.socket.close)
        self.level = 0
        self.greeting = self.hear()

    def hear(self):
        """What is said up to the next prompt, or to the end."""
        text = b""
        while not PROMPT.search(text):
            piece = self.socket.recv(65536)
            if not piece:
                self.level = None
                return text.decode()
            text += piece
        found = PROMPT.search(text)
        self.level = int(found[1] or 0)
        return text[:found.start()].decode()

    def say(self, line):
        self.socket.sendall(line.encode() + b"\n")
        return self.hear()


class ReplOfTheLivingDaemon(HerdCase):
    def setUp(self):
        super().setUp()
        self.daemon = Daemon(self.herd, configuration(self.herd)).start().ready()
        self.reports = 0

    def assert_daemon_works(self):
        self.reports += 1
        hand_in(self.herd, report())
        self.assertEqual(Store(self.herd).wait_count(self.reports), self.reports)

    def end(self):
        self.assertEqual(self.daemon.stop(), 0)

    def test_an_evaluation_that_does_not_end_is_ended(self):
        talk = Conversation(self.herd)
        self.assertIn("has held the daemon up", talk.say("(let loop () (loop))"))
        self.assert_daemon_works()
        self.assertIn("= 3", talk.say("(+ 1 2)"))
        # Neither does one whose client has gone keep the daemon from ending.
        other = Conversation(self.herd)
        other.socket.sendall(b"(let loop () (loop))\n")
        other.socket.close()
        self.end()

    def test_the_debugger_is_open_while_the_daemon_works(self):
        talk = Conversation(self.herd)
        talk.say("(define (first-of x) (list (car x)))")
        # Raised by C, by Scheme, and inside of a C procedure.
        for wrong, words in (("(first-of 12)", "In procedure car: Wrong type"),
                             ("(error \"no such sheep\" 12)", "no such sheep 12"),
                             ("(sort '(2 1) (lambda (a b) (car a)))", "In procedure car")):
            self.assertIn(words, talk.say(wrong))
            self.assertEqual(talk.level, 1, wrong)
            self.assert_daemon_works()
            self.assertIn("= 42", talk.say("(+ 40 2)"))
            talk.say(",q")
            self.assertEqual(talk.level, 0)
        talk.say("(first-of 12)")
        self.assertIn("(first-of _)", talk.say(",bt"))
        self.assertIn("In procedure vector-ref", talk.say("(vector-ref (vector) 3)"))
        self.assertEqual(talk.level, 2)
        self.assert_daemon_works()
        self.end()

    def test_the_store_is_open_for_questions(self):
        self.assert_daemon_works()
        for _ in range(2):
            talk = Conversation(self.herd)
            self.assertIn(f"This is sheepdog-daemon, process {self.daemon.process.pid}", talk.greeting)
            self.assertIn(os.path.join(self.herd.state_dir, "store.db"), talk.greeting)
            self.assertRegex(talk.say("(run* (host) (hosto host))"), r'\("alpha"\)|"alpha"')
            self.assertIn("= (1)", talk.say('(select-one reader "SELECT count(*) FROM report")'))
            self.assertEqual(talk.level, 0)
            talk.socket.close()
        self.assert_daemon_works()
        self.end()

    def test_a_slip_in_a_question_is_one_line(self):
        talk = Conversation(self.herd)
        for wrong, words in (("(run* (h) (hostoo h))", "there is no hostoo; did you mean hosto?\n"),
                             ("(run* (h) (hosto 'alpha))",
                              'hosto: host must be a string, not the symbol alpha; write "alpha"\n'),
                             ("(config-nonsense)", "there is no relation or procedure config-nonsense\n"),
                             ("(run* (h) hosto)", "hosto alone is no goal; a goal is (hosto host)\n")):
            self.assertEqual(talk.say(wrong), words)
            self.assertEqual(talk.level, 0)
        self.assertIn("broken-now", talk.say(",questions"))
        self.assertEqual(talk.say(",ask broken-now").split(), ["host", "service", "status", "since"])
        self.assert_daemon_works()
        self.end()

    def test_as_geiser_evaluates(self):
        talk = Conversation(self.herd)
        talk.say("(use-modules (system repl error-handling))")
        talk.say("""
            (define (geiser-eval form)
              (call-with-error-handling
               (lambda ()
                 (let* ((result #f)
                        (output (with-output-to-string
                                  (lambda () (set! result (eval form (current-module)))))))
                   (write (list result output))
                   (newline)))))""".replace("\n", " "))
        self.assertIn('(3 "hello")', talk.say("(geiser-eval '(begin (display \"hello\") (+ 1 2)))"))
        self.assertIn('(woke "")', talk.say("(geiser-eval '(begin (sleep 0.1) 'woke))"))
        self.assertIn("In procedure car", talk.say("(geiser-eval '(car 1))"))
        self.assertEqual(talk.level, 1)
        self.assert_daemon_works()
        self.assertIn('(7 "")', talk.say("(geiser-eval '(+ 3 4))"))
        self.end()

    def test_where_nobody_can_wait_the_conversation_ends_and_says_so(self):
        talk = Conversation(self.herd)
        said = talk.say("(sort '(2 1) (lambda (a b) (sleep 0.1) (< a b)))")
        self.assertIn("This REPL ends: a task cannot wait inside a procedure of Guile's own", said)
        self.assertIsNone(talk.level)
        self.assert_daemon_works()
        self.assertIn("= 42", Conversation(self.herd).say("(+ 40 2)"))
        self.end()

    def test_long_evaluations_and_several_clients(self):
        one, other = Conversation(self.herd), Conversation(self.herd)
        waiting = "(begin (sleep 3600) 'never)\n"
        one.socket.sendall(waiting.encode())
        self.assertIn("= 42", other.say("(+ 40 2)"))
        self.assert_daemon_works()
        # One that computes holds the daemon up, and no longer than it computes.
        self.assertIn("= done", other.say(
            "(let ((end (+ (get-internal-real-time) (* 2 internal-time-units-per-second))))"
            " (let loop () (if (< (get-internal-real-time) end) (loop) 'done)))"))
        self.assert_daemon_works()
        self.assertNotIn("held", self.daemon.log())
        other.socket.close()
        self.assert_daemon_works()
        # Nor does one that waits hold up its end.
        self.end()


if __name__ == "__main__":
    unittest.main()
