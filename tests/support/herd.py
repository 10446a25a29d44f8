# herd.py -- a private herd for end-to-end tests: real programs, a directory of their own, deadlines.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each test makes a Herd (a context manager, or through HerdCase) and gets:

- herd.path, a private directory, and herd.state_dir in it, which all programs are told to use;
- herd.run(...) for a program that ends, herd.start(...) for one that is to be ended;
- wait_for(condition, what), which asks until a deadline and never sleeps a fixed time;
- DropServer, which stands in for a daemon's drop socket and remembers what it got.

When the herd goes, only what it started itself is ended, by pid.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

BUILD = os.environ.get("SHEEPDOG_BUILD") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "build")
DEADLINE = 30.0  # seconds; generous, since it is only waited for where something is wrong


def program(name):
    return os.path.join(os.path.abspath(BUILD), "bin", name)


def wait_for(condition, what, deadline=DEADLINE):
    """The first true value of CONDITION(); fails with WHAT after DEADLINE seconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what}")
        time.sleep(0.005)


def alive(pid):
    """True while PID runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


class Herd:
    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="herd-")  # short: socket names have 108 bytes
        self.state_dir = os.path.join(self.path, "state")
        os.mkdir(self.state_dir, 0o700)
        self.environment = {k: v for k, v in os.environ.items()
                            if not k.startswith("SHEEPDOG_") and k != "JOURNAL_STREAM"}
        self.environment["SHEEPDOG_STATE_DIR"] = self.state_dir
        self._started = []
        self._closers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()
        for closer in reversed(self._closers):
            closer()
        shutil.rmtree(self.path, ignore_errors=True)

    def also_close(self, closer):
        self._closers.append(closer)

    def run(self, name, *arguments, env=None, deadline=DEADLINE, **options):
        """Run a program of ours to its end; its outputs are bytes."""
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([program(name), *arguments], timeout=deadline,
                              env=self.environment if env is None else env, **options)

    def start(self, name, *arguments, env=None, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen([program(name), *arguments],
                                   env=self.environment if env is None else env, **options)
        return self.adopt(process)

    def adopt(self, process):
        """End PROCESS with the herd."""
        self._started.append(process)
        return process

    def file(self, name, text=""):
        path = os.path.join(self.path, name)
        with open(path, "w") as file:
            file.write(text)
        return path


class DropServer:
    """The drop socket of a herd without its daemon. MODE: "accept", "refuse" or "silent"."""

    def __init__(self, herd, mode="accept"):
        self.mode = mode
        self.reports = []
        self.ended = 0  # connections that are over
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(os.path.join(herd.state_dir, "drop"))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        herd.also_close(self.close)

    def close(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rb") as stream:
                for line in stream:
                    report = json.loads(line)
                    with self._lock:
                        self.reports.append(report)
                    if self.mode == "accept":
                        connection.sendall(f"ok {report['id']}\n".encode())
                    elif self.mode == "refuse":
                        connection.sendall(b"error denied: not on a test's day\n")
        except OSError:
            pass
        with self._lock:
            self.ended += 1

    def phases(self):
        with self._lock:
            return [r["data"].get("phase") for r in self.reports]

    def phase(self, phase):
        """The one report of that phase; waits for it."""
        def found():
            with self._lock:
                return [r for r in self.reports if r["data"].get("phase") == phase]
        return wait_for(found, f"a report with the phase {phase}")[0]


class Redis:
    """A redis-server of the herd's own, on a private unix socket, as durable as it can be."""

    def __init__(self, herd):
        if not shutil.which("redis-server"):
            if os.environ.get("CI"):
                raise AssertionError("redis-server is missing")
            raise unittest.SkipTest("redis-server is missing")
        self.socket = os.path.join(herd.path, "redis.sock")
        self.url = f"unix://{self.socket}"
        self._arguments = ["redis-server", "--port", "0", "--unixsocket", self.socket,
                           "--dir", herd.path, "--appendonly", "yes", "--appendfsync", "always",
                           "--save", "", "--maxmemory-policy", "noeviction"]
        self._process = None
        self.start()
        herd.also_close(self.stop)

    def start(self):
        self._process = subprocess.Popen(self._arguments, stdout=subprocess.DEVNULL)
        wait_for(lambda: self.command("PING") == "PONG", "redis-server answers")

    def stop(self, number=signal.SIGTERM):
        if self._process:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def command(self, *words):
        """What redis-cli prints for a command; empty where nobody answers."""
        done = subprocess.run(["redis-cli", "-s", self.socket, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.stdout.strip()

    def reports(self):
        """What is in the stream, in order."""
        lines = self.command("XRANGE", "sheepdog:reports", "-", "+").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


class HerdCase(unittest.TestCase):
    """A test with a herd of its own."""

    def setUp(self):
        self.herd = Herd()
        self.addCleanup(self.herd.close)

    def end_process(self, pid):
        """At the end of the test, make sure that PID, which a program of ours left, is gone."""
        def end():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.addCleanup(end)
