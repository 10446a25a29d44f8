# readme_test.py -- everything that README.org shows is done, and gives what it shows.
# SPDX-License-Identifier: GPL-3.0-or-later
"""README.org's blocks, in its order, in a private directory with build/bin in PATH:

  #+begin_src LANGUAGE :tangle FILE     FILE is written there
  #+begin_src sh :tour                  run in one shell, one block after the other; a
  #+begin_example                       block after it is its output, stderr included
  #+begin_src sh :tour :until           asked again until the output is as shown: what it looks at
                                        takes a moment to arrive
  #+begin_src sh :tour :any-order       the lines of the output may come in any order, as answers do
  #+begin_src LANGUAGE :eval no         not done; the first line and why are in NOT_DONE below

In an output … stands for anything, a line with nothing else for any lines; dates, times of day, lengths
of time, sizes and percentages stand for any others. Blanks count as one, so a table need not keep its
columns. A block in another form fails.
"""

import os
import re
import selectors
import shutil
import signal
import subprocess
import time
import unittest

import herd

README = os.path.join(os.environ.get("SHEEPDOG_SOURCE") or
                      os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."),
                      "README.org")
DEADLINE = 60.0

# The first line of each block that is not done, and why.
NOT_DONE = {
    "./etc/try             # on Debian 12: build it and see it work on this machine; leaves nothing running":
        "it builds all of it again; its own test is to run it",
    "./etc/check           # build it and run every test": "this test is part of it",
    "export PATH=$PWD/build/bin:$PATH": "the test has a directory and an environment of its own",
    "0 2 * * *  sheepdog run --quiet --service backup --timeout 6h --lock -- borg create --stats "
    "/backup::{now} /home": "it goes into a crontab",
    "./etc/packages                                   # the libraries it is built with":
        "it installs, as root",
    "sudo groupadd --system sheepdog                  # its members may ask questions; before the "
    "first start": "it needs root and systemd",
    "sudo mkdir -p /etc/sheepdog": "it needs root",
    "sudo sqlite3 /var/lib/sheepdog/store.db \".backup '/backup/sheepdog.db'\"": "it needs root",
    "export GUILE_LOAD_PATH=/usr/local/share/guile/site/3.0":
        "the test has an environment of its own",
    "guix package -f guix.scm": "it needs Guix",
    "cmake -G Ninja -B build -DSHEEPDOG_CORE_TESTS=OFF && ninja -C build": "it builds all of it again",
}


class Block:
    def __init__(self, line, language, arguments):
        self.line = line
        self.language = language
        self.arguments = arguments
        self.text = ""
        self.output = None  # the expected one, where README.org shows it

    def has(self, word):
        return word in self.arguments

    @property
    def file(self):
        return self.arguments[self.arguments.index(":tangle") + 1] if self.has(":tangle") else None

    def __str__(self):
        return f"README.org:{self.line}"


def read_blocks(lines):
    """The source blocks of LINES, each with the example that follows it."""
    blocks = []
    stray = []  # examples that follow no block of the tour
    current, example, begin = None, None, 0
    last = None  # the block that an example may belong to
    for number, line in enumerate(lines, 1):
        word = line.strip().lower()
        if current is None and example is None:
            if word.startswith("#+begin_src"):
                _, language, *arguments = line.split()
                current = Block(number, language, arguments)
            elif word.startswith("#+begin_example"):
                example, begin = [], number
            elif word:
                last = None
        elif word == "#+end_src":
            blocks.append(current)
            current, last = None, current
        elif word == "#+end_example":
            if last is None or not last.has(":tour"):
                stray.append(begin)
            else:
                last.output = "".join(example)
            example, last = None, None
        elif current is not None:
            current.text += line
        else:
            example.append(line)
    return blocks, stray


# What stands for any other of its kind.
KINDS = [
    r"\d{4}-\d\d-\d\d",
    r"\d\d:\d\d:\d\d",
    r"[-+]\d{4}\b",  # a zone
    r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d)\b(?: \d+[smh]\b)?|under 1ms)",
    r"\d+(?:\.\d+)? (?:B|KiB|MiB|GiB|TiB)\b",
    r"\d+ %",
]
VARIABLE = re.compile("|".join([r"[ \t]+", "…", *KINDS]))


def pattern_of(output):
    """What matches the output that README.org shows."""
    def of_variable(text):
        if text.isspace():
            return "[ \t]+"
        return next((f"(?:{kind})" for kind in KINDS if re.fullmatch(kind, text)), ".*")

    def of_line(line):
        line = line.rstrip()
        pattern, end = "", 0
        for found in VARIABLE.finditer(line):
            pattern += re.escape(line[end:found.start()]) + of_variable(found.group())
            end = found.end()
        return pattern + re.escape(line[end:])
    parts = [r"(?:.*\n)*?" if line.strip() == "…" else of_line(line) + "[ \t]*\n"
             for line in output.splitlines()]
    return re.compile("".join(parts) + r"\Z")


def same_lines(shown, output):
    """Whether OUTPUT has the lines that README.org shows, in any order."""
    patterns = [pattern_of(line) for line in shown.splitlines()]
    lines = output.splitlines(keepends=True)
    for line in lines:
        pattern = next((pattern for pattern in patterns if pattern.match(line)), None)
        if not pattern:
            return False
        patterns.remove(pattern)
    return not patterns


class Shell:
    """One sh in DIRECTORY that is given block after block."""

    def __init__(self, directory, environment):
        self._process = subprocess.Popen(
            ["/bin/sh"], cwd=directory, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        os.set_blocking(self._process.stdout.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)
        self._count = 0

    def run(self, text):
        """The output of TEXT, commands."""
        self._count += 1
        mark = f"--- end of block {self._count} ---\n".encode()
        script = f"{{ {text}\n}} </dev/null\nprintf '%s\\n' '{mark.decode().strip()}'\n"
        self._process.stdin.write(script.encode())
        self._process.stdin.flush()
        output = b""
        end = time.monotonic() + DEADLINE
        while not output.endswith(mark):
            if not self._selector.select(max(0, end - time.monotonic())):
                raise AssertionError(f"no end within {DEADLINE} s: {text}\n{output.decode()}")
            chunk = self._process.stdout.read()
            if not chunk:
                raise AssertionError(f"the shell ended in: {text}\n{output.decode()}")
            output += chunk
        return output[:-len(mark)].decode()

    def close(self):
        """End the shell and what it left in the background: all of its session, which is ours."""
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._selector.close()
        herd.wait_for(lambda: not self._group_lives(), "the processes of the tour end")

    def _group_lives(self):
        try:
            os.killpg(self._process.pid, 0)
            return True
        except ProcessLookupError:
            return False


class ReadmeTest(herd.HerdCase):
    def setUp(self):
        super().setUp()
        with open(README, encoding="utf-8") as file:
            self.blocks, self.stray = read_blocks(file.readlines())

    def test_each_block_is_done_or_has_its_reason(self):
        self.assertEqual([], self.stray, "lines of examples that belong to no :tour block")
        unseen = dict(NOT_DONE)
        for block in self.blocks:
            with self.subTest(str(block)):
                forms = [form for form in (":tour", ":tangle", ":eval") if block.has(form)]
                self.assertEqual(1, len(forms), "one of :tour, :tangle FILE and :eval no")
                if block.has(":eval"):
                    first = block.text.splitlines()[0].strip()
                    self.assertIn(first, NOT_DONE, "say in NOT_DONE why it is not done")
                    unseen.pop(first, None)
        self.assertEqual({}, unseen, "reasons for blocks that are not there")

    def test_what_is_named_is_there(self):
        source = os.path.dirname(os.path.abspath(README))
        with open(README, encoding="utf-8") as file:
            text = file.read()
        names = set(re.findall(r"=((?:core|guile|plugins|etc|tests)/[^\s=]*)=", text))
        self.assertGreater(len(names), 50)
        for name in sorted(names):
            with self.subTest(name):
                self.assertTrue(os.path.exists(os.path.join(source, name)))

    def test_rules_of_the_boundary_have_their_tests(self):
        source = os.path.dirname(os.path.abspath(README))
        with open(README, encoding="utf-8") as file:
            section = file.read().split("** The boundary")[1].split("\n* ")[0]
        with open(os.path.join(source, "tests/core/binding/binding_test.cc"), encoding="utf-8") as file:
            core = {".".join(name) for name in re.findall(r"TEST\((\w+), (\w+)\)", file.read())}
        with open(os.path.join(source, "tests/guile/task-test.scm"), encoding="utf-8") as file:
            scheme = set(re.findall(r'\(test-\S+ "([^"]*)"', file.read()))
        rules = [line for line in section.splitlines() if line.startswith("| ")][1:]
        self.assertEqual(10, len(rules))
        for rule in rules:
            with self.subTest(rule):
                proof = rule.split("|")[2]
                named = (set(re.findall(r"=(\w+\.\w+)=", proof)) | set(re.findall(r'"([^"]*)"', proof)))
                self.assertTrue(named or "tests/layering" in proof)
                self.assertEqual(set(), named - core - scheme)

    def test_tour(self):
        if not shutil.which("redis-server") and not os.environ.get("CI"):
            self.skipTest("redis-server is missing")
        environment = {name: value for name, value in self.herd.environment.items()
                       if name not in ("SHEEPDOG_STATE_DIR", "NO_COLOR")}
        environment["PATH"] = os.path.dirname(herd.program("sheepdog")) + ":" + environment["PATH"]
        source = os.path.dirname(os.path.abspath(README))
        environment.update(
            TZ="UTC", GUILE_AUTO_COMPILE="0",
            GUILE_LOAD_PATH=f"{herd.BUILD}/share/guile/site/3.0:{source}/tests/support",
            GUILE_LOAD_COMPILED_PATH=f"{herd.BUILD}/lib/guile/3.0/site-ccache")
        shell = Shell(self.herd.path, environment)
        self.addCleanup(shell.close)
        small = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < 64 << 30
        for block in self.blocks:
            if not small:  # the question must have an answer on a large machine too
                block.text = block.text.replace("(gibibytes 64)", "(tebibytes 64)")
            if block.file:
                path = os.path.join(self.herd.path, block.file)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(block.text)
                os.chmod(path, 0o644)  # whatever the umask: a configuration is its owner's
            elif block.has(":tour"):
                self.follow(shell, block)

    def follow(self, shell, block):
        shown = block.output or ""
        matches = ((lambda output: same_lines(shown, output)) if block.has(":any-order")
                   else pattern_of(shown).match)
        end = time.monotonic() + DEADLINE
        while True:
            output = shell.run(block.text)
            if matches(output):
                return
            if not block.has(":until") or time.monotonic() > end:
                self.fail(f"{block}: this gives\n{output}\nand README.org shows\n{block.output}")
            time.sleep(0.05)


class TryTest(unittest.TestCase):
    def test_what_it_shows_can_be_pasted(self):
        with open(os.path.join(os.path.dirname(README), "etc", "try")) as file:
            found = re.search(r"^quoted\(\) \{\n.*?^\}\n", file.read(), re.M | re.S)
        words = ["sheepdog", "query", "(run* (x)\n  (facto x 'a.b \"$HOME `id`\"))", "", "a b", "it's",
                 "--x=1", "\\", "*", "~"]
        shown = subprocess.run(["sh", "-c", found[0] + 'quoted "$@"', "sh", *words], check=True,
                               stdout=subprocess.PIPE, text=True).stdout
        self.assertTrue(shown.startswith(" sheepdog query '(run* (x)\n"), shown)
        pasted = subprocess.run(["sh", "-c", "printf '%s\\0'" + shown], check=True,
                                stdout=subprocess.PIPE, text=True).stdout
        self.assertEqual(pasted.split("\0")[:-1], words)


class PatternTest(unittest.TestCase):
    def test_what_matches(self):
        for shown, output, matches in (("a  b\n", "a b\n", True), ("a b\n", "a c\n", False),
                                       ("a … c\n", "a b b c\n", True), ("a.c\n", "abc\n", False),
                                       ("a\n…\nd\n", "a\nb\nc\nd\n", True),
                                       ("a\n…\nd\n", "a\nd\n", True), ("", "", True),
                                       ("", "a\n", False), ("a\n", "a\nb\n", False),
                                       ("after 5ms: x\n", "after 1m 2s: x\n", True),
                                       ("after 5ms: x\n", "after under 1ms: x\n", True),
                                       ("after 5ms: x\n", "after 5: x\n", False),
                                       ("at 10:00:00\n", "at 23:59:01\n", True),
                                       ("exit 2\n", "exit 3\n", False)):
            with self.subTest(shown=shown, output=output):
                self.assertEqual(matches, bool(pattern_of(shown).match(output)))

    def test_what_matches_in_any_order(self):
        for shown, output, matches in (("a b\nc\n", "c\na  b\n", True), ("a\nb\n", "a\n", False),
                                       ("a\n", "a\nb\n", False), ("a\na\n", "a\nb\n", False),
                                       ("h 1s\na\n", "a\nh 5m\n", True), ("", "", True)):
            with self.subTest(shown=shown, output=output):
                self.assertEqual(matches, same_lines(shown, output))
