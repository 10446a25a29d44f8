# command_case.py -- commands at a real daemon.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os

from herd import HerdCase, wait_for


class CommandCase(HerdCase):
    def sheepdog(self, *arguments, **options):
        """(status, standard output, standard error) of a command."""
        done = self.herd.run("sheepdog", *arguments, **options)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def rows(self, *arguments):
        return json.loads(self.sheepdog(*arguments, "--json")[1])

    def start_daemon(self, text="(configuration #:monitors '())"):
        self.config = self.herd.file("server-config.scm", text)
        os.chmod(self.config, 0o600)
        self.log = os.path.join(self.herd.path, "log")
        with open(self.log, "wb") as log:
            self.daemon = self.herd.start("sheepdog-daemon", "-c", self.config, stderr=log)
        self.wait_for_log("is ready")
        return self.daemon

    def wait_for_log(self, text):
        def found():
            self.assertIsNone(self.daemon.poll(), self.read_log())
            return text in self.read_log()
        wait_for(found, f"{text!r} in the log")

    def read_log(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def send(self, *arguments):
        self.assertEqual(self.sheepdog("send", *arguments)[0], 0)

    def wait_for_services(self, *names):
        """All services by name, once NAMES are among them."""
        def there():
            found = {row["service"]: row for row in self.rows("status")}
            return found if all(name in found for name in names) else None
        return wait_for(there, f"services {names}")
