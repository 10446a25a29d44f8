# try_plugin_test.py -- plugins and try-plugin: what authors of plugins use.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import unittest

from command_case import CommandCase


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


if __name__ == "__main__":
    unittest.main()
