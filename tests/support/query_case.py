# query_case.py -- what the tests of questions to a living herd have in common.
# SPDX-License-Identifier: GPL-3.0-or-later
import json

from daemons import Daemon, Store
from herd import HerdCase


class QueryCase(HerdCase):
    """A test that asks a herd whose daemon runs."""

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
