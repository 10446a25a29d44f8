# mail_test.py -- mail in secret: to whom our own authority vouches for, and to nobody else.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import unittest

from certificates import Authority, can_be_made
from daemons import Daemon, Store, configuration, hand_in, report
from herd import HerdCase, wait_for
from mail_server import MailServer, is_installed


@unittest.skipUnless(is_installed() or os.environ.get("CI"), "aiosmtpd is not installed")
@unittest.skipUnless(can_be_made() or os.environ.get("CI"), "openssl is not installed")
class MailInSecret(HerdCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.herd)
        self.password = self.herd.file("password", "open sesame\n")
        os.chmod(self.password, 0o600)
        self.store = Store(self.herd)

    def send(self, server, *settings):
        """Have a failure told through SERVER."""
        daemon = Daemon(self.herd, configuration(
            self.herd, f'#:notify (list (email "ann@example.org" #:server "{server.url}" '
                       f'{" ".join(settings)}))')).start().ready()
        hand_in(self.herd, report(status="critical"))
        return daemon

    def user(self):
        return f'#:user "herd" #:password-file "{self.password}"'

    def trusting(self, file=None):
        return f'#:ca-file "{file or os.path.relpath(self.authority.file, self.herd.path)}"'

    def error(self):
        """What the store says of the mail that was not taken."""
        return wait_for(lambda: self.store.one("SELECT error FROM notice WHERE error IS NOT NULL"),
                        "the mail is refused")

    def assert_taken(self, server):
        server.wait_for(1)
        wait_for(lambda: self.store.count("notice WHERE sent IS NOT NULL"), "it is marked as sent")
        self.assertEqual(server.secret, [True])

    def test_starttls_with_a_password(self):
        server = MailServer(self.herd, starttls=self.authority.context(),
                            passwords={"herd": "open sesame"}).start()
        self.send(server, self.trusting(), self.user())
        self.assert_taken(server)
        self.assertEqual(server.users, [("herd", True)])

    def test_smtps(self):
        server = MailServer(self.herd, smtps=self.authority.context()).start()
        self.send(server, self.trusting())
        self.assert_taken(server)

    def test_starttls_where_it_is_required_without_a_password(self):
        server = MailServer(self.herd, starttls=self.authority.context()).start()
        self.send(server, self.trusting(), "#:encryption 'required")
        self.assert_taken(server)

    def assert_refused(self, server, *settings):
        self.send(server, self.user(), *settings)
        error = self.error()
        self.assertEqual((server.users, server.mails), ([], []))
        self.assertNotIn("sesame", error)
        self.assertIn(server.url, error)
        return error

    def test_an_authority_that_the_machine_does_not_know(self):
        server = MailServer(self.herd, starttls=self.authority.context()).start()
        self.assertRegex(self.assert_refused(server), "nobody whom we trust|unable to get")

    def test_smtps_by_another_authority_than_the_one_that_is_trusted(self):
        server = MailServer(self.herd, smtps=self.authority.context()).start()
        stranger = Authority(self.herd, "stranger")
        self.assertRegex(self.assert_refused(server, self.trusting(stranger.file)),
                         "nobody whom we trust|unable to get")

    def test_a_certificate_that_has_expired(self):
        server = MailServer(self.herd, starttls=self.authority.context(days=-1)).start()
        self.assertIn("has expired", self.assert_refused(server, self.trusting()))

    def test_a_certificate_for_another_host(self):
        server = MailServer(self.herd, smtps=self.authority.context("mail.example.org")).start()
        self.assertRegex(self.assert_refused(server, self.trusting()),
                         "does not match target host ?name 'localhost'")

    def test_certificates_that_are_not_there(self):
        server = MailServer(self.herd, starttls=self.authority.context()).start()
        self.assertIn("/nowhere.pem", self.assert_refused(server, self.trusting("/nowhere.pem")))

    def test_a_password_goes_in_the_clear_only_where_that_is_asked_for(self):
        server = MailServer(self.herd, passwords={"herd": "open sesame"}).start()
        daemon = self.send(server, self.user())
        self.assertRegex(self.error(), "STARTTLS|SSL")
        self.assertEqual((server.users, server.mails), ([], []))
        self.assertEqual(daemon.stop(), 0)
        self.send(server, self.user(), "#:encryption 'none", '#:name "ann@example.org"')
        server.wait_for(1)
        self.assertEqual((server.users, server.secret), ([("herd", False)], [False]))


if __name__ == "__main__":
    unittest.main()
