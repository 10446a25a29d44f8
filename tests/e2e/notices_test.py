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
        # A daemon that dies may leave us half of the line. Ours is one write: whole or not at all.
        script = (f"test -e {self.broken} && exit 1; line=$(cat); "
                  f"case $line in *}}) echo \"$line\" >>{self.path};; *) exit 1;; esac")
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

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_a_daemon_killed_in_the_middle_of_a_mail(self):
        server = MailServer(self.herd).start()
        server.answer = None
        daemon = self.daemon(f'(email "ann@example.org" #:server "{server.url}")').start().ready()
        self.job("exit 2")
        wait_for(lambda: server.held == 1, "the whole mail is there, and not answered")
        daemon.kill()
        # The connection is gone before the server could take it.
        server.stop()
        server.answer = "250 taken"
        server.start()
        daemon.start().ready()
        self.settled(2)
        self.assertEqual(len(server.wait_for(1)), 1)

    @unittest.skipUnless(is_installed(), "aiosmtpd is not installed")
    def test_a_daemon_that_ends_lets_a_mail_come_to_its_end(self):
        server = MailServer(self.herd).start()
        server.answer = None
        daemon = self.daemon(f'(email "ann@example.org" #:server "{server.url}")').start().ready()
        self.job("exit 2")
        wait_for(lambda: server.held == 1, "the whole mail is there, and not answered")
        daemon.process.terminate()
        daemon.wait_log("sheepdog-daemon ends")
        server.answer = "250 taken"
        self.assertEqual(daemon.process.wait(30), 0)
        self.assertEqual(Store(self.herd).count("notice WHERE sent IS NOT NULL"), 1)
        daemon.start().ready()
        self.settled(2)
        self.assertEqual(len(server.mails), 1)

    def test_killed_again_and_again_nothing_is_lost(self):
        told = Told(self.herd)
        daemon = self.daemon(told.setting).start().ready()
        handed_in = 0
        kills = 12
        chance = random.Random(7)
        for i in range(kills):
            reports = []
            for status in ("critical", "ok"):
                handed_in += 1
                # Times ascend, whatever the clock does.
                reports.append(report(f"job{i}", status=status, time=time.time() + handed_in / 1e3))
            hand_in(self.herd, *reports)
            time.sleep(chance.uniform(0, 0.03))
            daemon.kill()
            daemon.start().ready()
        store = self.settled(handed_in)
        states = told.states()
        for i in range(kills):
            self.assertIn((f"job{i}", "open"), states)
            self.assertIn((f"job{i}", "closed"), states)
        self.assertEqual(store.count("notice"), 2 * kills)
        # Told twice is only what was being told when the daemon died, under the same id.
        ids = [notice["id"] for notice in told.notices()]
        twice = len(ids) - len(set(ids))
        self.assertEqual(len(set(ids)), 2 * kills)
        self.assertLessEqual(twice, store.count("notice WHERE attempts > 1"))
        print(f"{kills} kills: {twice} of {len(ids)} were told twice")

    def test_imported_history_tells_nobody(self):
        told = Told(self.herd)
        self.daemon(told.setting).start().ready()
        self.herd.run("sheepdog", "import", "-", input=b"".join(
            json.dumps(report("old", status=status, time=when)).encode() + b"\n"
            for status, when in (("critical", 1.6e9), ("ok", 1.6e9 + 60), ("critical", 1.6e9 + 90))))
        store = self.settled(3)
        self.assertEqual((store.count("state"), store.count("incident"), told.states()), (3, 0, []))

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
