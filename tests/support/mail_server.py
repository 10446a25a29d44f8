# mail_server.py -- a real SMTP server (aiosmtpd) on loopback, which may be stopped and started again.
# SPDX-License-Identifier: GPL-3.0-or-later
import asyncio
import email
import email.policy
import socket
import threading

from herd import wait_for


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class MailServer:
    """What was taken is in MAILS. ANSWER is what a whole text is answered with; None: never, until
    it is changed. With STARTTLS, an ssl.SSLContext, it can be spoken to in secret, with SMTPS only
    so; it is called localhost then. With PASSWORDS, a dictionary, it wants to know who sends, and
    does not mind to be told in the clear; who came is in USERS."""

    def __init__(self, herd, starttls=None, smtps=None, passwords=None):
        self.port = free_port()
        host = "localhost" if starttls or smtps else "127.0.0.1"
        self.url = f"{'smtps' if smtps else 'smtp'}://{host}:{self.port}"
        self.settings = {}
        if starttls:
            self.settings["tls_context"] = starttls
        if smtps:
            self.settings["ssl_context"] = smtps
        if passwords:
            self.settings.update(authenticator=self.authenticate, auth_required=True,
                                 auth_require_tls=False)
        self.passwords = passwords
        self.users = []  # (name, whether it was said in secret)
        self.secret = []  # for each mail, whether it came in secret
        self.answer = "250 taken"
        self.mails = []
        self.held = 0  # texts that came whole and were not answered at once
        self.controller = None
        self._lock = threading.Lock()
        herd.also_close(self.stop)

    def authenticate(self, server, session, _envelope, _mechanism, data):
        from aiosmtpd.smtp import AuthResult

        name, password = data.login.decode(), data.password.decode()
        self.users.append((name, self.is_secret(server, session)))
        return AuthResult(success=self.passwords.get(name) == password)

    def is_secret(self, server, session):
        return bool(session.ssl or server.transport.get_extra_info("ssl_object"))

    async def handle_DATA(self, server, session, envelope):
        if self.answer is None:
            self.held += 1
        while self.answer is None:
            await asyncio.sleep(0.01)
        if self.answer.startswith("250"):
            with self._lock:
                self.secret.append(self.is_secret(server, session))
                self.mails.append(
                    email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer

    def start(self):
        from aiosmtpd.controller import Controller

        self.controller = Controller(self, hostname="127.0.0.1", port=self.port,
                                     **self.settings)
        self.controller.start()
        return self

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None

    def subjects(self):
        with self._lock:
            return [mail["Subject"] for mail in self.mails]

    def ids(self):
        with self._lock:
            return [mail["Message-ID"] for mail in self.mails]

    def wait_for(self, n):
        """The subjects, once there are N mails."""
        wait_for(lambda: len(self.mails) >= n, f"{n} mails, not {self.subjects()}")
        return self.subjects()


def is_installed():
    try:
        import aiosmtpd  # noqa: F401
        return True
    except ImportError:
        return False
