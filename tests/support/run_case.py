# run_case.py -- a herd in which commands are wrapped, with a drop socket that remembers what is told.
# SPDX-License-Identifier: GPL-3.0-or-later
from herd import DropServer, HerdCase


class RunCase(HerdCase):
    def setUp(self):
        super().setUp()
        self.drop = DropServer(self.herd)

    def sheepdog(self, *arguments, **options):
        return self.herd.run("sheepdog", "run", *arguments, **options)

    def shell(self, script, *options, **more):
        return self.sheepdog(*options, "--", "/bin/sh", "-c", script, **more)

    def start_shell(self, script, *options, **more):
        return self.herd.start("sheepdog", "run", *options, "--", "/bin/sh", "-c", script, **more)


def children(pid):
    """The pids of PID's children, as strings."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return file.read().split()
