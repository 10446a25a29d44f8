# repl_command_test.py -- sheepdog repl, at a daemon and at the store.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import socket
import stat
import unittest

from command_case import CommandCase


class ReplTest(CommandCase):
    def talk(self, text):
        return self.sheepdog("repl", "--daemon", input=text.encode())

    def test_a_state_directory_with_a_long_name(self):
        self.herd.state_dir = os.path.join(self.herd.path, *["directory" * 8] * 3)
        os.makedirs(self.herd.state_dir, 0o700)
        self.herd.environment["SHEEPDOG_STATE_DIR"] = self.herd.state_dir
        self.start_daemon()
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")
        status, out, _ = self.talk("(+ 40 2)\n")
        self.assertEqual(status, 0)
        self.assertIn("= 42", out)
        self.assertIn("sheepdog-daemon runs", self.sheepdog("doctor")[1])

    def test_no_repl_is_no_reason_to_end(self):
        os.mkdir(os.path.join(self.herd.state_dir, "repl"))
        self.start_daemon()
        self.wait_for_log("there will be no REPL")
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")

    def test_the_living_daemon(self):
        self.start_daemon()
        path = os.path.join(self.herd.state_dir, "repl")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0)
        status, out, _ = self.talk("(+ 40 2)\n(car 1)\n,q\n(begin (sleep 0.2) 'woke)\n"
                                   "(configuration-broker (service-configuration service))\n")
        self.assertEqual(status, 0)
        for text in ("= 42", "Wrong type argument", "= woke", "= local"):
            self.assertIn(text, out)
        # Two at once, one of which goes away in the middle of its expression.
        with socket.socket(socket.AF_UNIX) as rude:
            rude.connect(path)
            rude.sendall(b"(define x (list 1\n")
            self.assertIn("= 7", self.talk("(+ 3 4)\n(exit 1)\n")[1])
        self.send("--service", "after", "--status", "ok")
        self.wait_for_services("after")
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(10), 0)

    def test_no_daemon(self):
        status, _, err = self.talk("(+ 1 2)\n")
        self.assertEqual(status, 3)
        self.assertIn("does sheepdog-daemon run with this state directory?", err)

    def test_at_the_store(self):
        self.start_daemon()
        self.send("--service", "web", "--status", "warning")
        self.wait_for_services("web")
        status, out, _ = self.sheepdog(
            "repl", input=b"(map service-state-status (read-services reader))\n")
        self.assertEqual(status, 0)
        self.assertIn("= (warning)", out)

    def test_commands_at_the_store(self):
        self.start_daemon()
        self.send("--service", "web", "--status", "critical")
        self.wait_for_services("web")

        def said(text):
            status, out, _ = self.sheepdog("repl", input=text.encode())
            self.assertEqual(status, 0)
            return out.partition("Enter `,help' for help.\n")[2]

        # A form ends where it is closed, and what follows is the next one.
        whole = said(",ask (run* (s)  ; over lines\n  (fresh (h)\n   (serviceo h s)))\n(+ 40 2)\n")
        self.assertRegex(whole, r"(?s)s\nweb\n.*= 42")
        self.assertIn("web", said(",why (run* (s)\n  (fresh (h) (serviceo h s)))\n"))
        self.assertIn("SELECT", said(",explain (run* (s)\n  (fresh (h) (serviceo h s)))\n"))
        self.assertIn("ask: unexpected end of input", said(",ask (run* (s)\n"))
        self.assertRegex(said(",ask )\n(+ 40 2)\n"), r'(?s)ask: unexpected "\)".*= 42')
        # Words for who wrote it otherwise.
        for text, words in ((",ask", "usage: ,ask NAME [--OPTION VALUE] ..., or ,ask (run* ...)\n"),
                            (",why", "usage: ,why NAME"), (",explain", "usage: ,explain NAME"),
                            (",about", "usage: ,about NAME\n"), (",about hosto x", "usage: ,about NAME\n"),
                            (",ask broken-now --json", "--json is an option of the command line, and has no meaning "
                             "here; broken-now has no options of its own\n"),
                            (",ask availability --servise web", "availability has no option --servise; did you mean "
                             "--service?\n"),
                            (",ask availability --servise=web", "availability has no option --servise; did you mean "
                             "--service?\n"),
                            (",ask availability --days=7 --service=", "--service needs a value\n"),
                            (",ask availability --days=soon --service=web", '"soon" is not a length of time'),
                            (",ask availability --days=7 --service=\"web\"", "host  available"),
                            (",ask availability --days=7 --service=web", "host  available"),
                            (",ask broken-now web", "web stands where an option such as --days would\n"),
                            ("broken-now", "broken-now is a question: ,ask broken-now asks it\n"),
                            ("(broken-now)", "broken-now is a question: ,ask broken-now asks it\n"),
                            ("(list broken-noww)", "there is no broken-noww")):
            with self.subTest(text):
                self.assertIn(words, said(text + "\n"))

    def test_relations_and_questions_of_the_session(self):
        self.start_daemon()
        self.send("--service", "web", "--status", "critical")
        self.wait_for_services("web")
        relation = ('(define-relation (brokeno host service) "SERVICE is critical." '
                    "(fresh (since) (statuso host service 'critical since)))\n")
        question = ('(define-question (mine (service service any "Only it.")) "What is mine?" '
                    "(run* (service) (fresh (host) (brokeno host service))))\n")
        for text, words in (
                (relation + ",about brokeno", "(brokeno host service)\n\nSERVICE is critical.\n"),
                ("(defrel (pairo a b) (== a b))\n,about pairo", "(pairo a b)\n"),
                (relation + ",about brokenoo", "there is no relation or question called brokenoo, did you mean "
                                               "brokeno?"),
                (",about broken-noww", "no relation or question called broken-noww, did you mean broken-now?"),
                (",about statusoo", "no relation or question called statusoo, did you mean statuso?"),
                (",about 5", "5 is no name of a relation or question\n"),
                (",about broken-now", "Usage: ,ask broken-now\n\nWhat is broken now, and since when?\n\n,why shows"),
                (",about backups-missing", 'Usage: ,ask backups-missing [--service "*backup*"] [--days 7]\n'),
                (",about broken", "did you mean broken-now or broken-together?"),
                (relation + ",ask brokeno", "brokeno is no question, but may be part of one; ,about brokeno"),
                (question, "mine is a question of this session: ,ask mine asks it\n"),
                (relation + question + ",ask mine", "service\nweb\n"),
                (relation + question + ",ask mine --service web", "service\nweb\n"),
                (question + ",about mine", "The question is defined in this session.\n"),
                (question + ",questions", "What is mine?\n"),
                ("(define-question (mine) (run* (h) (hosto h)))",
                 "question mine: a string that says what it asks comes after its parameters\n")):
            with self.subTest(text):
                status, out, _ = self.sheepdog("repl", input=(text + "\n").encode())
                self.assertEqual(status, 0)
                self.assertIn(words, out)
        # In a daemon, too.
        self.assertIn("service\nweb\n", self.talk(relation + question + ",ask mine\n")[1])


if __name__ == "__main__":
    unittest.main()
