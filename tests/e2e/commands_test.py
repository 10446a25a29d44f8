# commands_test.py -- the reading commands and the REPL, at a real daemon.
# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import json
import os
import pwd
import signal
import socket
import stat
import subprocess
import time
import unittest

from daemons import Drop
from herd import HerdCase, Redis, wait_for


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


class StatusTest(CommandCase):
    def test_without_a_store(self):
        status, out, err = self.sheepdog("status")
        self.assertEqual((status, out), (3, ""))
        self.assertIn("there is no store", err)

    def test_a_daemon_that_died_is_missed(self):
        self.start_daemon()
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")
        self.assertEqual(self.sheepdog("status")[::2], (0, ""))
        self.daemon.kill()
        self.daemon.wait(10)
        for arguments in ((), ("fine",), ("--json",)):
            status, out, err = self.sheepdog("status", *arguments)
            self.assertEqual(status, 3)
            self.assertIn("fine", out)
            self.assertRegex(err, rf"^sheepdog: no daemon runs with {self.herd.state_dir}; the newest "
                                  r"report is of [-\d]+ [:\d]+ \(.*\)\n$")
        # One that is to end by itself is no loss, nor is the copy of a store.
        self.assertEqual(self.herd.run("sheepdog-daemon", "-c", self.config, "--once").returncode, 0)
        status, _, err = self.sheepdog("status")
        self.assertEqual(status, 0)
        self.assertIn("no daemon runs", err)

    def test_a_service_that_has_only_facts_has_no_status(self):
        self.start_daemon()
        self.send("--service", "facts", "--fact", "color=red")
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")
        status, out, _ = self.sheepdog("status", socket.gethostname() + "/")
        self.assertEqual(status, 0)
        self.assertIn("2 services on 1 host: 1 ok, 1 without a status", out)

    def test_a_long_summary_does_not_flood_a_table(self):
        self.start_daemon()
        self.send("--service", "long", "--status", "ok", "--summary", "x" * 3000)
        self.wait_for_services("long")
        for command in ("status", "history"):
            self.assertLess(max(map(len, self.sheepdog(command)[1].splitlines())), 300)
            self.assertGreater(len(self.rows(command)[0]["summary"]), 1000)
            self.assertIn("x" * 1000, self.sheepdog(command, "--csv")[1])

    def test_trouble_comes_first_and_decides_the_exit_status(self):
        self.start_daemon()
        self.assertEqual(self.sheepdog("status")[:2], (0, "Nothing has been reported yet.\n"))
        self.send("--service", "fine", "--status", "ok", "--summary", "all well")
        self.wait_for_services("fine")
        status, out, _ = self.sheepdog("status")
        self.assertEqual(status, 0)
        self.assertIn("1 service on 1 host: 1 ok", out)
        self.send("--service", "zz", "--status", "critical", "--summary", "on fire")
        self.send("--service", "aa", "--status", "warning")
        self.wait_for_services("zz", "aa")
        status, out, _ = self.sheepdog("status")
        self.assertEqual(status, 1)
        lines = [line.split() for line in out.splitlines()]
        self.assertEqual(lines[0], ["status", "host", "service", "since", "summary"])
        self.assertEqual([line[0] for line in lines[1:4]], ["critical", "warning", "ok"])
        self.assertIn("3 services on 1 host: 1 ok, 1 critical, 1 warning", out)

    def test_json_has_what_programs_need(self):
        self.start_daemon()
        self.send("--service", "disk /", "--status", "warning", "--summary", "92 %")
        row = self.wait_for_services("disk /")["disk /"]
        self.assertEqual({k: row[k] for k in ("service", "status", "summary")},
                         {"service": "disk /", "status": "warning", "summary": "92 %"})
        self.assertEqual(row["host"], socket.gethostname())
        self.assertIsInstance(row["since"], float)
        # A service whose name has a slash, alone and with its host; and the host.
        for name in ("disk /", f"{row['host']}/disk /", f"{row['host']}/"):
            self.assertEqual([r["service"] for r in self.rows("status", name)], ["disk /"], name)

    def test_a_name_that_is_none_is_a_usage_error_with_the_nearest(self):
        self.start_daemon()
        self.send("--service", "backup", "--status", "ok")
        self.wait_for_services("backup")
        status, out, err = self.sheepdog("status", "bakcup")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("there is no service bakcup, did you mean backup?", err)
        self.assertIn("the name of the service is empty", self.sheepdog("status", "")[2])
        self.assertIn("there is no host nowhere/", self.sheepdog("history", "nowhere/")[2])

    def test_one_service_shows_its_last_run_and_incident(self):
        self.start_daemon()
        self.herd.run("sheepdog", "run", "--service", "backup", "--", "sh", "-c",
                      "echo first; printf '\\033[2Jclear\\n'; echo oops >&2; exit 3")
        self.wait_for_services("backup")
        wait_for(lambda: self.rows("status", "backup")[0]["incident"], "an incident")
        status, out, _ = self.sheepdog("status", "backup")
        self.assertEqual(status, 1)
        for text in ("critical since", "incident  open since", "failed (exit status 3)",
                     "command   sh -c 'echo first; ", "| first", "[2Jclear", "| oops"):
            self.assertIn(text, out)
        self.assertNotIn("\x1b", out)  # output does not command the terminal
        [row] = self.rows("status", "backup")
        self.assertEqual(row["last_run"]["exit"], 3)
        self.assertEqual(row["incident"]["status"], "critical")

    def test_what_could_not_be_read_is_shown(self):
        self.start_daemon()
        self.send("--service", "numbers", "--plugin", "sample", "--data", '{"load": "high"}')
        self.send("--service", "web", "--plugin", "nginx", "--status", "ok")
        self.wait_for_services("web")
        out = wait_for(lambda: (lambda o: o if "dead letter" in o else None)(
            self.sheepdog("status")[1]), "a dead letter")
        self.assertIn("1 dead letter, the last", out)
        self.assertIn('receiver sample: member "load" of the data is not a number', out)
        self.assertIn("web reports for the plugin nginx, which the server does not have", out)


class HistoryTest(CommandCase):
    def test_newest_last_and_what_narrows_it(self):
        self.start_daemon()
        for n, status in enumerate(["ok", "critical", "ok", "warning"]):
            self.send("--service", "web", "--status", status, "--summary", f"no. {n}")
            if status == "critical":  # what says nothing of a status has not failed
                self.send("--service", "web", "--fact", "color=red")
        self.send("--service", "other", "--status", "ok", "--data", '{"n": [1, {"m": null}]}')
        self.wait_for_services("other")

        def summaries(*arguments):
            return [row["summary"] for row in self.rows("history", *arguments)]
        self.assertEqual(summaries("web"), ["no. 0", "no. 1", "", "no. 2", "no. 3"])
        self.assertEqual(summaries("web", "--failed"), ["no. 1", "no. 3"])
        self.assertEqual(summaries("--failed"), ["no. 1", "no. 3"])
        self.assertEqual(summaries("web", "-n", "2"), ["no. 2", "no. 3"])
        self.assertEqual(len(summaries()), 6)
        self.assertEqual(summaries("--since", "2100-01-01"), [])
        self.assertEqual(len(summaries("--since", "1h")), 6)
        [row] = self.rows("history", "other")
        self.assertEqual(sorted(row), ["data", "host", "id", "service", "status", "summary", "time"])
        self.assertEqual(row["data"], {"n": [1, {"m": None}]})
        self.assertEqual(len(row["id"]), 36)
        self.assertEqual(self.sheepdog("history", "--since", "sometime")[0], 2)
        # What history prints, import takes: it is there already.
        lines = "".join(json.dumps(row) + "\n" for row in self.rows("history"))
        self.herd.run("sheepdog", "import", "-", input=lines.encode())
        self.assertEqual(len(summaries()), 6)


class DoctorTest(CommandCase):
    def test_a_healthy_daemon_and_none(self):
        self.start_daemon()
        status, out, err = self.sheepdog("doctor", "-c", self.config)
        self.assertEqual((status, err), (0, ""), out)
        findings = {f["part"]: f for f in self.rows("doctor")}
        self.assertIn(str(self.daemon.pid), findings["daemon"]["summary"])
        self.assertEqual(findings["integrity"]["status"], "ok")
        self.daemon.terminate()
        self.daemon.wait(10)
        status, out, _ = self.sheepdog("doctor")
        self.assertEqual(status, 1)
        self.assertIn("no sheepdog-daemon runs", out)
        self.assertIn("-> start sheepdog-daemon", out)

    def settings(self, *arguments):
        """The findings about settings, broker and spool."""
        findings = {f["part"]: f for f in self.rows("doctor", *arguments)}
        return findings["settings"], findings["broker"], findings.get("spool")

    def test_the_settings_of_the_daemon_that_runs_are_looked_at(self):
        settings, broker, _ = self.settings()
        self.assertIn("no daemon has run with this state directory", settings["summary"])
        self.assertIn("local", broker["summary"])
        self.start_daemon("""(configuration #:broker "redis://:secret@127.0.0.1:1" #:spool-size (mebibytes 1)
                                            #:monitors '())""")
        for n in range(9):
            self.send("--service", f"s{n}", "--status", "ok", "--data", '{"x": "' + "x" * 100000 + '"}')
        for there in (True, False):
            settings, broker, spool = self.settings()
            self.assertEqual(settings["status"], "ok")
            self.assertIn(self.config, settings["summary"])
            self.assertEqual((broker["status"], spool["status"]), ("critical", "critical"))
            self.assertIn("127.0.0.1:1", broker["summary"])
            self.assertIn("of 1.0 MiB", spool["summary"])
            if there:
                self.assertIn(f"those of sheepdog-daemon, process {self.daemon.pid}: ", settings["summary"])
                self.daemon.terminate()
                self.daemon.wait(10)
        self.assertIn("no daemon runs; taken for what the last sheepdog-daemon had", settings["summary"])
        # The configuration itself has the password; what the daemon left has not.
        with open(os.path.join(self.herd.state_dir, "sheepdog-daemon.settings")) as left:
            self.assertNotIn("secret", left.read())
        with open(self.config, "w") as file:
            file.write("(configuration #:hots 1)")
        settings, broker, spool = self.settings()
        self.assertEqual(settings["status"], "warning")
        self.assertIn("the file is wrong: ", settings["summary"])
        self.assertIn("server-config.scm:1:1: configuration: unknown option #:hots", settings["summary"])
        self.assertIn("no daemon starts with it", settings["advice"])
        self.assertIn("127.0.0.1:1", broker["summary"])
        self.assertIn("of 1.0 MiB", spool["summary"])
        # What was said on the command line goes before it.
        good = self.herd.file("good.scm", "(configuration)")
        settings, broker, _ = self.settings("-c", good)
        self.assertIn(f"those of {good}", settings["summary"])
        self.assertIn("local", broker["summary"])
        # Nobody else can say which code is to be read.
        os.chmod(os.path.join(self.herd.state_dir, "sheepdog-daemon.settings"), 0o666)
        self.assertIn("no daemon has run", self.settings()[0]["summary"])

    def test_a_wrong_file_of_a_running_daemon(self):
        self.start_daemon()
        with open(self.config, "w") as file:
            file.write("(configuration #:hots 1)")
        settings, _, _ = self.settings()
        self.assertEqual(settings["status"], "warning")
        self.assertIn("the file is wrong: ", settings["summary"])
        self.assertIn(f"kill -HUP {self.daemon.pid}", settings["advice"])

    def test_a_watched_machine_needs_no_store(self):
        redis = Redis(self.herd)
        self.start_daemon(f'(configuration #:broker "{redis.url}" #:monitors (quote ()))')
        store = lambda: {f["part"]: f for f in self.rows("doctor")}["store"]
        self.assertEqual(store()["status"], "ok")
        self.assertIn("sheepdog-queue-daemon", store()["summary"])
        self.daemon.terminate()
        self.daemon.wait(10)
        self.assertEqual(store()["status"], "warning")

    def test_a_store_that_is_damaged(self):
        self.herd.file("state/store.db", "no database, " * 1000)
        findings = {f["part"]: f for f in self.rows("doctor")}
        self.assertEqual(findings["store"]["status"], "critical")
        self.assertIn("bring back a backup, as README.org says", findings["store"]["advice"])

    def test_what_is_no_directory(self):
        for command in ("status", "doctor"):
            status, out, err = self.sheepdog(command, "--state-dir", "/etc/passwd")
            self.assertEqual((status, out), (2, ""))
            self.assertIn("/etc/passwd is not a directory", err)

    @unittest.skipUnless(os.geteuid() == 0, "only root can be another user")
    def test_who_may_not_read_is_told_so(self):
        self.start_daemon()
        nobody = pwd.getpwnam("nobody")

        def become():
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
        os.chmod(self.herd.path, 0o755)
        for closed in (self.herd.state_dir, self.herd.path):
            os.chmod(closed, 0o700)
            status, out, err = self.sheepdog("doctor", "--json", preexec_fn=become, cwd="/")
            self.assertEqual((status, err), (1, ""))
            findings = {f["part"]: f for f in json.loads(out)}
            self.assertEqual(sorted(findings), ["directory", "versions"])
            self.assertEqual(findings["directory"]["summary"],
                             f"{self.herd.state_dir}: you may not read it")
            self.assertEqual(findings["directory"]["advice"], "ask as its owner or root")
            status, out, err = self.sheepdog("status", preexec_fn=become, cwd="/")
            self.assertEqual(status, 3)
            self.assertIn("you may not read it; ask as its owner or root", err)

    def test_a_group_that_nobody_reads_as_any_more_is_named(self):
        redis = Redis(self.herd)
        self.assertNotIn("groups", {f["part"] for f in self.rows("doctor", "-H", redis.url)})
        redis.command("XADD", "sheepdog:reports", "1000-1", "report", '{"host": "h", "service": "s"}')
        redis.command("XGROUP", "CREATE", "sheepdog:reports", "forgotten", "0")
        config = self.herd.file("queue.scm", f'(configuration #:broker "{redis.url}")')
        os.chmod(config, 0o600)
        self.herd.start("sheepdog-queue-daemon", "-c", config, stderr=subprocess.DEVNULL)
        wait_for(lambda: redis.command("XINFO", "GROUPS", "sheepdog:reports").count("name") == 2,
                 "the group of our store")
        # Found by the settings of the daemon; our own group is read as.
        [groups] = wait_for(lambda: [f for f in self.rows("doctor") if f["part"] == "groups"], "a finding")
        self.assertEqual(groups["status"], "warning")
        self.assertIn("nobody has read as the group forgotten", groups["summary"])
        self.assertIn("XGROUP DESTROY sheepdog:reports forgotten", groups["advice"])
        redis.command("XGROUP", "DESTROY", "sheepdog:reports", "forgotten")
        self.assertNotIn("groups", {f["part"] for f in self.rows("doctor")})

    def test_each_fault_has_its_advice(self):
        self.start_daemon()
        self.send("--service", "n", "--plugin", "sample", "--data", '{"x": "y"}')
        wait_for(lambda: "dead letter" in self.sheepdog("status")[1], "a dead letter")
        os.chmod(self.herd.state_dir, 0o777)
        for hopeless in ("rediss://localhost", "localhost:99999", ""):
            status, out, err = self.sheepdog("doctor", "-H", hopeless)
            self.assertEqual((status, out), (2, ""))
            self.assertRegex(err, "^sheepdog: -H: broker address: .*redis://")
        findings = {f["part"]: f for f in self.rows("doctor", "-H", "127.0.0.1:1")}
        os.chmod(self.herd.state_dir, 0o700)
        self.assertEqual(findings["directory"]["status"], "critical")
        self.assertEqual(findings["broker"]["status"], "critical")
        self.assertEqual(findings["dead letters"]["status"], "warning")
        self.assertIn("7 days after the last one", findings["dead letters"]["advice"])
        for part in ("directory", "broker", "dead letters"):
            self.assertTrue(findings[part]["advice"], part)


    def test_dead_letters_are_shown_with_what_they_say(self):
        self.start_daemon()
        self.assertEqual(self.sheepdog("doctor", "--dead-letters"),
                         (0, "There are no dead letters.\n", ""))
        self.assertEqual(self.rows("doctor", "--dead-letters"), [])
        bodies = [b"first\x1b[2J \xff", b"x" * 1000, '{"s": "\u00e9"'.encode()]
        with Drop(self.herd) as drop:
            for body in bodies:
                self.assertRegex(drop.hand_in(body), "^error invalid: ")
        wait_for(lambda: len(self.rows("doctor", "--dead-letters")) == 3, "three dead letters")
        letters = self.rows("doctor", "--dead-letters")
        self.assertEqual([letter["body"] for letter in letters],
                         [body.decode(errors="replace") for body in bodies])
        for letter, body in zip(letters, bodies):
            self.assertIn("not JSON", letter["reason"])
            self.assertEqual(letter["length"], len(body))
            self.assertEqual(letter["sha256"], hashlib.sha256(body).hexdigest())
            self.assertAlmostEqual(letter["time"], time.time(), delta=60)
        status, out, _ = self.sheepdog("doctor", "--dead-letters")
        self.assertEqual(status, 0)
        self.assertRegex(out.splitlines()[0], r"^\d{4}-\d\d-\d\d [\d:]+  not JSON.*, 11 bytes$")
        self.assertIn("  " + "x" * 200 + "\u2026\n", out)
        self.assertNotIn("\x1b", out)
        self.assertEqual(self.rows("doctor", "--dead-letters=2"), letters[1:])
        self.assertEqual(self.sheepdog("doctor", "--dead-letters=0")[0], 2)
        self.assertIn("sheepdog doctor --dead-letters", self.sheepdog("status")[1])


class PluginTest(CommandCase):
    PLUGIN = """(define-module (my sheep) #:use-module (sheepdog plugin))
(define-plugin sheep
  "Count sheep.  Slowly."
  #:every (minutes 1)
  #:options ((start 1 natural? "Where to begin."))
  #:monitor (lambda (options)
              (list (report "sheep" #:status 'ok
                            #:data `((n . ,(/ 6 (option-ref options 'start)))))))
  #:receiver (lambda (report)
               (list (given-status report) (sample 'sheep (report-ref report "n")))))
"""

    def test_plugins_are_shown_from_their_declarations(self):
        status, out, _ = self.sheepdog("plugins")
        self.assertEqual(status, 0)
        self.assertIn("Watch the load average", out)
        [disk] = self.rows("plugins", "disk")
        self.assertIn({"name": "warning", "default": "80", "check": "a percentage (0 to 100)",
                       "help": "Use from which the status is warning."}, disk["options"])
        self.assertFalse(disk["only_receives"])
        self.assertIn("did you mean disk?", self.sheepdog("plugins", "dosk")[2])

    def test_plugins_are_shown_as_they_are_configured(self):
        self.herd.file("sheep.scm", self.PLUGIN)
        config = self.herd.file("config.scm", """(configuration #:monitors (list
          (monitor "sheep.scm" #:every (hours 2) #:start 7) (monitor 'load #:every 7)))""")
        status, out, _ = self.sheepdog("plugins", "-c", config, "sheep")
        self.assertEqual(status, 0)
        for text in ("runs every 2h.", '(monitor "sheep.scm" #:start 1)',
                     "#:every\n      How often it looks.\n      a length of time such as (minutes 5); "
                     "default: (minutes 1); configured: (hours 2)\n", "default: 1; configured: 7\n"):
            self.assertIn(text, out)
        every = {p["name"]: p["every"] for p in self.rows("plugins", "-c", config)}
        self.assertEqual((every["sheep"], every["load"], every["disk"]), (7200, 7, 60))
        self.assertIn("In a configuration: (monitor 'load", self.sheepdog("plugins", "load")[1])

    def test_try_a_plugin_that_works(self):
        plugin = self.herd.file("sheep.scm", self.PLUGIN.replace("(list (given-status report)",
                                                                 "(list (status 'ok)"))
        os.chmod(plugin, 0o600)
        self.assertEqual(self.sheepdog("try-plugin", plugin)[0], 0)
        [trial] = self.rows("try-plugin", plugin, "-o", "start=2")
        self.assertEqual(trial["report"]["data"], {"n": 3})
        self.assertEqual(trial["assertions"], [["status", "ok"], ["sample", "sheep", 3]])
        self.assertIsNone(trial["fault"])
        self.assertEqual(os.listdir(self.herd.state_dir), [])

    def test_try_plugins_that_do_not(self):
        plugin = self.herd.file("sheep.scm", self.PLUGIN)
        os.chmod(plugin, 0o600)
        status, out, _ = self.sheepdog("try-plugin", plugin)
        self.assertEqual(status, 1)
        self.assertIn("value 1 that the receiver returned is no assertion", out)
        waiting = self.herd.file("waiting.scm", self.PLUGIN.replace(
            "(list (given-status report)", "(sleep 0.1) (list (status 'ok)"))
        os.chmod(waiting, 0o600)
        status, out, _ = self.sheepdog("try-plugin", waiting)
        self.assertEqual(status, 1, "a daemon refuses it too")
        self.assertIn("a receiver may not wait", out)
        status, _, err = self.sheepdog("try-plugin", plugin, "--option", "start=0")
        self.assertEqual(status, 1)
        self.assertIn(f"{plugin}:8:", err)
        self.assertIn("overflow", err)
        status, _, err = self.sheepdog("try-plugin", plugin, "--option", "strat=0")
        self.assertEqual(status, 2)
        self.assertIn("did you mean #:start?", err)
        with open(plugin, "a") as file:
            file.write("(let loop () (loop))")
        os.chmod(plugin, 0o622)
        status, _, err = self.sheepdog("try-plugin", plugin)
        self.assertEqual(status, 2)
        self.assertIn("others can write to this file", err)

    def test_a_monitor_that_loops_is_ended(self):
        plugin = self.herd.file("sheep.scm", self.PLUGIN.replace("(list (report", "(let loop () (loop)) (list (report"))
        os.chmod(plugin, 0o600)
        status, _, err = self.sheepdog("try-plugin", plugin)
        self.assertEqual(status, 1)
        self.assertIn("this step takes too long", err)

    def try_one(self, monitor="(list (report \"x\" #:status 'ok))", receiver="(list (status 'ok))"):
        plugin = self.herd.file("one.scm", f"""(use-modules (sheepdog plugin))
(define-plugin one "Be one." #:every 5
  #:monitor (lambda (options) {monitor})
  #:receiver (lambda (report)
    {receiver}))
""")
        return self.sheepdog("try-plugin", plugin)

    def test_a_receiver_that_loops_is_ended(self):
        status, out, _ = self.try_one(receiver="(let loop () (loop))")
        self.assertEqual(status, 1)
        self.assertIn("one.scm:4:14: this step takes too long; a daemon would end it", out)

    def test_what_calls_exit_is_told_so(self):
        status, _, err = self.try_one(monitor="(exit 3)")
        self.assertEqual(status, 1)
        self.assertIn("one.scm:3:13: it called (exit)", err)
        status, out, _ = self.try_one(receiver="(exit 0)")
        self.assertEqual(status, 1)
        self.assertIn("it called (exit)", out)

    def test_one_report_is_no_list_of_them(self):
        status, _, err = self.try_one(monitor="(report \"x\" #:status 'ok)")
        self.assertEqual(status, 1)
        self.assertIn("one.scm:3:13: monitor one returned a report, not a list of reports; "
                      "write (list (report ...))", err)

    def test_that_a_monitor_is_waited_for_is_said(self):
        status, _, err = self.try_one(monitor="(begin (sleep 2.5) '())")
        self.assertEqual((status, err), (0, "sheepdog: still waiting for the monitor one; it may "
                                            "take 60 s\n"))


class ConfigurationTest(CommandCase):
    def test_check(self):
        good = self.herd.file("good.scm", "(configuration)")
        os.chmod(good, 0o600)
        self.assertEqual(self.sheepdog("check", good), (0, f"{good}: good\n", ""))
        bad = self.herd.file("bad.scm", "(configuration\n #:monitors (list (monitor 'dsk)))")
        os.chmod(bad, 0o600)
        self.assertEqual(self.sheepdog("check", bad),
                         (2, "", f"{bad}:2:19: monitor dsk: there is no plugin dsk, "
                                 "did you mean disk?\n"))
        done = self.herd.run("sheepdog-daemon", "-c", bad)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{bad}:2:19: monitor dsk", done.stderr.decode())
        self.assertEqual(os.listdir(self.herd.state_dir), [])  # nothing was started

    def test_what_will_hardly_be_meant_is_a_warning(self):
        twice = self.herd.file("twice.scm",
                               "(configuration #:monitors (list (monitor 'load) (monitor 'load)))")
        status, out, err = self.sheepdog("check", twice)
        self.assertEqual((status, out), (0, f"{twice}: good\n"))
        self.assertTrue(err.startswith(f"{twice}: warning: two monitors of load: "), err)
        os.mkdir(self.herd.path + "/shared")
        os.chmod(self.herd.path + "/shared", 0o777)
        path = self.herd.file("shared/c.scm", "(configuration)")
        status, _, err = self.sheepdog("check", path)
        self.assertEqual(status, 2)
        self.assertIn(f"others can write to the directory {self.herd.path}/shared", err)

    def test_a_reload_with_a_loop_in_it_is_refused_and_the_old_one_stays(self):
        self.start_daemon()
        with open(self.config, "w") as file:
            file.write("(let loop () (loop))")
        self.daemon.send_signal(signal.SIGHUP)
        # Meanwhile it goes on with its work.
        self.wait_for_log("reading the configuration again")
        self.send("--service", "meanwhile", "--status", "ok")
        self.wait_for_services("meanwhile")
        self.wait_for_log("the new configuration is refused, the old one stays")
        self.assertIn("is not evaluated within", self.read_log())
        self.assertIsNone(self.daemon.poll())


class ReplTest(CommandCase):
    def talk(self, text):
        return self.sheepdog("repl", "--daemon", input=text.encode())

    def test_a_state_directory_with_a_long_name(self):
        self.herd.state_dir = os.path.join(self.herd.path, *["directory" * 8] * 3)
        os.makedirs(self.herd.state_dir, 0o700)
        self.herd.environment["SHEEPDOG_STATE_DIR"] = self.herd.state_dir
        self.start_daemon()
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")
        status, out, _ = self.talk("(+ 40 2)\n")
        self.assertEqual(status, 0)
        self.assertIn("= 42", out)
        self.assertIn("sheepdog-daemon runs", self.sheepdog("doctor")[1])

    def test_no_repl_is_no_reason_to_end(self):
        os.mkdir(os.path.join(self.herd.state_dir, "repl"))
        self.start_daemon()
        self.wait_for_log("there will be no REPL")
        self.send("--service", "fine", "--status", "ok")
        self.wait_for_services("fine")

    def test_the_living_daemon(self):
        self.start_daemon()
        path = os.path.join(self.herd.state_dir, "repl")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0)
        status, out, _ = self.talk("(+ 40 2)\n(car 1)\n,q\n(begin (sleep 0.2) 'woke)\n"
                                   "(configuration-broker (service-configuration service))\n")
        self.assertEqual(status, 0)
        for text in ("= 42", "Wrong type argument", "= woke", "= local"):
            self.assertIn(text, out)
        # Two at once, one of which goes away in the middle of its expression.
        with socket.socket(socket.AF_UNIX) as rude:
            rude.connect(path)
            rude.sendall(b"(define x (list 1\n")
            self.assertIn("= 7", self.talk("(+ 3 4)\n(exit 1)\n")[1])
        self.send("--service", "after", "--status", "ok")
        self.wait_for_services("after")
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(10), 0)

    def test_no_daemon(self):
        status, _, err = self.talk("(+ 1 2)\n")
        self.assertEqual(status, 3)
        self.assertIn("does sheepdog-daemon run with this state directory?", err)

    def test_at_the_store(self):
        self.start_daemon()
        self.send("--service", "web", "--status", "warning")
        self.wait_for_services("web")
        status, out, _ = self.sheepdog(
            "repl", input=b"(map service-state-status (read-services reader))\n")
        self.assertEqual(status, 0)
        self.assertIn("= (warning)", out)


if __name__ == "__main__":
    unittest.main()
