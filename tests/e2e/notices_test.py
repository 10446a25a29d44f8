# notices_test.py -- trouble is told once and its end once: by real mail, whatever breaks on the way.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import random
import time
import unittest

from daemons import Daemon, Store, configuration, hand_in, report
from herd import HerdCase, wait_for
from mail_server import MailServer, is_installed


class Told:
    """A command notifier that writes what it is told into a file, a line each."""

    def __init__(self, herd, name="told"):
        self.path = os.path.join(herd.path, name)
        self.broken = os.path.join(herd.path, name + ".broken")
        script = f"test -e {self.broken} && exit 1; cat >>{self.path}"
        self.setting = f'''(command '("/bin/sh" "-c" {json.dumps(script)}) #:name "{name}")'''

    def notices(self):
        try:
            with open(self.path) as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []

    def states(self):
        return [(notice["service"], notice["state"]) for notice in self.notices()]


class Notices(HerdCase):
    def daemon(self, *notifiers):
        return Daemon(self.herd, configuration(
            self.herd, f"#:notify (list {' '.join(notifiers)})"))

    def job(self, command, *options):
        self.herd.run("sheepdog", "run", "--service", "backup", *options, "--", "sh", "-c", command)

    def settled(self, n):
        """Wait until N reports are stored, all of them judged and every notice told."""
        store = Store(self.herd)
        store.wait_count(n)
        wait_for(lambda: store.one(
            "SELECT (SELECT count(*) FROM state WHERE judged = 0)"
            " + (SELECT count(*) FROM event WHERE judged = 0)"
            " + (SELECT count(*) FROM notice WHERE sent IS NULL AND failed IS NULL)") == 0,
            "all is judged and told")
        return store

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_ten_failures_are_one_mail_and_the_recovery_is_one(self):
        server = MailServer(self.herd).start()
        daemon = self.daemon(f'(email "ann@example.org" #:server "{server.url}")').start().ready()
        for _ in range(10):
            self.job("echo working; echo no space left >&2; exit 2")
        self.settled(20)
        self.job("true")
        self.settled(22)
        opened, closed = server.wait_for(2)
        self.assertRegex(opened, r"^CRITICAL .+/backup: exit 2 after .*no space left$")
        self.assertRegex(closed, r"^OK .+/backup again, after ")
        text = server.mails[0].get_content().replace("\r\n", "\n")
        self.assertIn("\n  working\n  no space left\n", text)
        self.assertRegex(text, r"\n  sheepdog history .+/backup\n")
        self.assertEqual(server.mails[0]["Auto-Submitted"], "auto-generated")
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(server.mails), 2)

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_a_server_that_is_down_for_a_while_gets_everything_once_in_order(self):
        server = MailServer(self.herd)
        other = Told(self.herd)
        self.daemon(f'(email "ann@example.org" #:server "{server.url}")', other.setting) \
            .start().ready()
        self.job("exit 2")
        wait_for(lambda: Store(self.herd).count("notice WHERE error IS NOT NULL"),
                 "nobody answers the mail")
        self.job("true")
        wait_for(lambda: len(other.states()) == 2, "the other notifier is not in its way")
        server.answer = "451 busy with itself"
        server.start()
        wait_for(lambda: Store(self.herd).count("notice WHERE error LIKE '%busy with itself%'"),
                 "the server says later")
        server.answer = "250 taken"
        self.settled(4)
        self.assertEqual([subject.split()[0] for subject in server.wait_for(2)],
                         ["CRITICAL", "OK"])

    def test_a_daemon_killed_before_it_could_tell(self):
        told = Told(self.herd)
        open(told.broken, "w").close()
        daemon = self.daemon(told.setting).start().ready()
        self.job("exit 2")
        wait_for(lambda: Store(self.herd).count("notice"), "the notice is committed")
        daemon.kill()
        os.unlink(told.broken)
        daemon.start().ready()
        self.settled(2)
        self.assertEqual(told.states(), [("backup", "open")])

    def mailing_daemon(self):
        """A server that has a whole mail and does not answer, and the daemon that sent it."""
        server = MailServer(self.herd).start()
        server.answer = None
        daemon = self.daemon(f'(email "ann@example.org" #:server "{server.url}")').start().ready()
        self.job("exit 2")
        wait_for(lambda: server.held == 1, "the whole mail is there, and not answered")
        return server, daemon

    def assert_told_once(self, server):
        store = self.settled(2)
        self.assertEqual(len(server.wait_for(1)), 1)
        return store

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_killed_while_the_server_takes_the_mail(self):
        server, daemon = self.mailing_daemon()
        daemon.kill()
        server.answer = "250 taken"
        daemon.start().ready()
        self.assertEqual(self.assert_told_once(server).one("SELECT attempts FROM notice"), 1)

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_killed_and_the_server_takes_the_mail_when_a_new_daemon_waits(self):
        server, daemon = self.mailing_daemon()
        daemon.kill()
        daemon.start().ready()
        server.answer = "250 taken"
        self.assertEqual(self.assert_told_once(server).one("SELECT attempts FROM notice"), 1)

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_killed_and_the_server_does_not_take_the_mail(self):
        server, daemon = self.mailing_daemon()
        daemon.kill()
        server.stop()
        server.answer = "250 taken"
        server.start()
        daemon.start().ready()
        self.assertEqual(self.assert_told_once(server).one("SELECT attempts FROM notice"), 2)

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_a_daemon_that_ends_lets_a_mail_come_to_its_end(self):
        server, daemon = self.mailing_daemon()
        daemon.process.terminate()
        daemon.wait_log("sheepdog-daemon ends")
        server.answer = "250 taken"
        self.assertEqual(daemon.process.wait(30), 0)
        self.assertEqual(Store(self.herd).count("notice WHERE sent IS NOT NULL"), 1)
        daemon.start().ready()
        self.assert_told_once(server)

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_a_server_that_does_not_answer_holds_up_no_end(self):
        server, daemon = self.mailing_daemon()
        daemon.process.terminate()
        self.assertEqual(daemon.process.wait(5), 0)
        server.answer = "250 taken"
        daemon.start().ready()
        self.assert_told_once(server)

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_killed_again_and_again_none_is_lost_and_none_told_twice(self):
        told = Told(self.herd)
        server = MailServer(self.herd).start()
        daemon = self.daemon(told.setting, f'(email "ann@example.org" #:server "{server.url}")')
        daemon.start().ready()
        chance = random.Random(7)
        kills = 20
        reports = []
        for i in range(kills):
            for status in ("critical", "ok"):
                # Times ascend, whatever the clock does.
                reports.append(report(f"job{i}", status=status,
                                      time=time.time() + len(reports) / 1e3))
                hand_in(self.herd, reports[-1])
            time.sleep(chance.uniform(0, 0.05))  # any moment of judging and telling
            daemon.kill()
            daemon.start().ready()
        self.settled(len(reports))
        expected = sorted((r["service"], "open" if r["status"] == "critical" else "closed")
                          for r in reports)
        self.assertEqual(sorted(told.states()), expected)
        self.assertEqual(sorted((s.split("/")[1].split()[0].rstrip(":"),
                                 "open" if s.startswith("CRITICAL") else "closed")
                                for s in server.subjects()), expected)
        self.assertEqual(len(set(server.ids())), len(reports))

    def test_imported_history_tells_nobody(self):
        told = Told(self.herd)
        self.daemon(told.setting).start().ready()
        self.herd.run("sheepdog", "import", "-", input=b"".join(
            json.dumps(report("old", status=status, time=when)).encode() + b"\n"
            for status, when in (("critical", 1.6e9), ("ok", 1.6e9 + 60), ("critical", 1.6e9 + 90))))
        store = self.settled(3)
        self.assertEqual((store.count("state"), store.count("incident"), told.states()), (3, 0, []))

    def test_trouble_that_was_imported_is_told_once_it_is_seen_to_last(self):
        told = Told(self.herd)
        self.daemon(told.setting).start().ready()
        self.herd.run("sheepdog", "import", "-", input=json.dumps(
            report("old", status="critical", time=1.6e9)).encode() + b"\n")
        self.settled(1)
        hand_in(self.herd, report("old", status="critical"))
        self.settled(2)
        self.herd.run("sheepdog", "import", "-", input=json.dumps(
            report("old", status="ok", time=time.time())).encode() + b"\n")
        self.settled(3)
        self.assertEqual(told.states(), [("old", "open")])
        hand_in(self.herd, report("old", status="ok"))
        hand_in(self.herd, report("old", status="critical"))
        self.settled(5)
        self.assertEqual(told.states(), [("old", "open"), ("old", "closed"), ("old", "open")])

    def test_a_console_that_nobody_reads_holds_nobody_up(self):
        told = Told(self.herd)
        config = configuration(self.herd, f"#:notify (list (console) {told.setting})")
        with open(os.path.join(self.herd.path, "log"), "wb") as log:
            daemon = self.herd.start("sheepdog-daemon", "-c", config, stderr=log)  # its pipe is not read
        wait_for(lambda: os.path.exists(os.path.join(self.herd.state_dir, "drop")), "the daemon")
        hand_in(self.herd, *(report(f"job{i}", status="critical", summary="x" * 2000)
                             for i in range(60)))
        Store(self.herd).wait_count(60, "notice WHERE notifier = 'told' AND sent IS NOT NULL")
        hand_in(self.herd, report("job0", status="ok"))
        wait_for(lambda: ("job0", "closed") in told.states(), "the other notifier goes on")
        self.assertLess(Store(self.herd).count("notice WHERE notifier = 'console' AND sent > 0"), 60)
        daemon.terminate()
        self.assertEqual(daemon.wait(20), 0)

    def test_somebody_asks_to_be_informed(self):
        told = Told(self.herd)
        self.daemon(told.setting).start().ready()
        self.job("true", "--inform", "told")
        self.job("true", "--inform", "eve")
        store = self.settled(4)
        self.assertEqual(told.states(), [("backup", "inform")])
        self.assertEqual(store.rows("SELECT notifier, error FROM notice WHERE failed IS NOT NULL"),
                         [("eve", "no notifier is called eve")])


if __name__ == "__main__":
    unittest.main()
