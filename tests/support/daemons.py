# daemons.py -- the daemons, a real Redis and what they keep, for end-to-end tests.
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a herd's private directory beside the wrapper:

- Daemon(herd), QueueDaemon(herd): one of our daemons, which can be started again after its end;
- Redis(herd): a redis-server on a unix socket, durable as the manual says;
- Drop(herd): a reporter at the drop socket of a daemon;
- Store(herd): what is in the store, read while the daemons work.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
import uuid

from herd import program, wait_for


def configuration(herd, *settings, monitors="'()", name="server-config.scm"):
    """Write a configuration of SETTINGS (Scheme text) for the host "alpha"; its path."""
    lines = "\n".join(("#:host \"alpha\"", f"#:monitors {monitors}") + settings)
    return herd.file(name, f"(use-modules (sheepdog config))\n(configuration\n{lines})\n")


class Process:
    """A program that is started, ended and started again; its log is one file."""

    def __init__(self, herd, name, arguments):
        self.herd = herd
        self.name = name
        self.arguments = arguments
        self.log_path = os.path.join(herd.path, os.path.basename(name) + ".log")
        self.process = None
        self._seen = 0  # bytes of the log that were there before the last start

    def start(self, prefix=(), **options):
        with open(self.log_path, "ab") as log:
            self._seen = log.tell()
            self.process = subprocess.Popen(
                [*prefix, self.executable(), *self.arguments], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=self.herd.environment, **options)
        self.herd.also_close(lambda process=self.process: end(process))
        return self

    def executable(self):
        return program(self.name)

    def log(self):
        """What it has said since it was started."""
        with open(self.log_path, "rb") as file:
            file.seek(self._seen)
            return file.read().decode(errors="replace")

    def wait_log(self, text):
        def said():
            if text in self.log():
                return True
            if self.process.poll() is not None and text not in self.log():
                raise AssertionError(f"{self.name} ended ({self.process.returncode}) "
                                     f"without {text!r}: {self.log()}")
            return False
        wait_for(said, f"{self.name} says {text!r}")
        return self

    def ready(self):
        return self.wait_log(f"{self.name} is ready")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, deadline=30):
        """End it as a supervisor would; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(deadline)


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait()


class Daemon(Process):
    def __init__(self, herd, config=None, *arguments):
        super().__init__(herd, "sheepdog-daemon",
                         ["-c", config or configuration(herd), *arguments])


class QueueDaemon(Process):
    def __init__(self, herd, config, *arguments):
        super().__init__(herd, "sheepdog-queue-daemon", ["-c", config, *arguments])


class Redis(Process):
    """Durable: what it acknowledges survives its being killed."""

    def __init__(self, herd, *settings):
        self.directory = os.path.join(herd.path, "redis")
        os.mkdir(self.directory)
        self.socket = os.path.join(self.directory, "socket")
        self.url = "unix://" + self.socket
        super().__init__(herd, "redis-server", [
            "--port", "0", "--unixsocket", self.socket, "--dir", self.directory, "--save", "",
            "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
            *settings])

    def executable(self):
        return self.name

    def ready(self):
        wait_for(lambda: self.try_cli("PING") == b"PONG\n", "Redis answers")
        return self

    def try_cli(self, *arguments, **options):
        return subprocess.run(["redis-cli", "-s", self.socket, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=30, **options).stdout

    def cli(self, *arguments, **options):
        return self.try_cli(*arguments, **options).decode().strip()

    def add(self, body):
        """XADD, as anybody would; BODY is any bytes."""
        answer = self.cli("-x", "XADD", "sheepdog:reports", "*", "report", input=body)
        if "-" not in answer:
            raise AssertionError(f"XADD: {answer}")

    def pending(self):
        """How many entries are delivered and not acknowledged, or not delivered at all."""
        groups = self.cli("--json", "XINFO", "GROUPS", "sheepdog:reports")
        return sum(group["pending"] + (group["lag"] or 0) for group in json.loads(groups))


def report(service="job", /, **fields):
    """A report as it travels, with an id of its own unless one is given."""
    fields = {"v": 1, "id": str(uuid.uuid4()), "service": service, "host": "alpha",
              "time": time.time(), "status": "ok", **fields}
    return {name: value for name, value in fields.items() if value is not None}


class Drop:
    """A connection to the drop socket of HERD's daemon."""

    def __init__(self, herd, deadline=30):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(deadline)
        try:
            self.connection.connect(os.path.join(herd.state_dir, "drop"))
        except OSError:
            self.connection.close()
            raise
        self.answers = self.connection.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answers.close()
        self.connection.close()

    def hand_in(self, line):
        """The answer to LINE, a report or bytes without their newline."""
        if isinstance(line, dict):
            line = json.dumps(line).encode()
        self.connection.sendall(line + b"\n")
        return self.answers.readline().decode().rstrip("\n")


def hand_in(herd, *reports):
    """Hand in REPORTS, each of which must be accepted."""
    with Drop(herd) as drop:
        for one in reports:
            answer = drop.hand_in(one)
            if not answer.startswith("ok "):
                raise AssertionError(f"{answer}: {one}")


class Store:
    """Reads with SQL; a store that is not there yet is empty."""

    def __init__(self, herd):
        self.path = os.path.join(herd.state_dir, "store.db")

    def rows(self, sql, *parameters):
        try:
            connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
        except sqlite3.OperationalError:
            return []
        try:
            return connection.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error) or "unable to open" in str(error):
                return []
            raise
        finally:
            connection.close()

    def one(self, sql, *parameters):
        rows = self.rows(sql, *parameters)
        return rows[0][0] if rows else None

    def column(self, sql, *parameters):
        return [row[0] for row in self.rows(sql, *parameters)]

    def count(self, table="report"):
        return self.one(f"SELECT count(*) FROM {table}") or 0

    def wait_count(self, n, table="report"):
        wait_for(lambda: self.count(table) >= n, f"{n} rows in {table}")
        return self.count(table)

    def ids(self):
        """The ids of all reports, in the order of their arrival."""
        return [str(uuid.UUID(bytes=row))
                for row in self.column("SELECT uuid FROM report ORDER BY report_id")]

    def dead(self):
        """(reason, body) of the dead letters, the oldest first."""
        return self.rows("SELECT reason, body FROM dead_letter ORDER BY dead_letter_id")
