;;; command-line-test.scm -- what people type, as values: times, and options of plugins
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog command plugins)
             (sheepdog command try-plugin)
             (sheepdog option)
             (sheepdog shown-text)
             (sheepdog test)
             (sheepdog time-text)
             (srfi srfi-64))

(setenv "TZ" "Europe/Berlin")

(test-suite "command line"
  (test-equal "lengths of time"
    '(90 5400 5400 604800 1209600 0.1)
    (map parse-duration '("90s" "90m" "1.5h" "7d" "2w" "100ms")))
  (test-equal "what is none"
    '(#f #f #f #f)
    (map parse-duration '("7x" "d" "-3d" "7 days")))
  (test-equal "and as the configuration, the README and options have it"
    '(5400 7 90061.5) (map parse-duration '("1h30m" "7" "1d1h1m1.5s")))
  (test-equal "a length of time is one before now" 400 (parse-since "10m" 1000))
  (test-equal "a date is one of the user's zone, in winter and in summer"
    '(1769814000 1785448800)
    (map parse-since '("2026-01-31" "2026-07-31")))
  (test-equal "with a time of day, and in UTC"
    '(1769864400 1769864405 1769868000)
    (map parse-since '("2026-01-31 14:00" "2026-01-31T14:00:05" "2026-01-31T14:00Z")))
  (test-equal "days that there are not"
    '(#f #f #f #f)
    (map parse-since '("2026-02-31" "2026-13-01" "2026-01-31 25:00" "yesterday")))

  (test-equal "an option is Scheme where that passes its check"
    '(85 #f ("a" "b") (1 2))
    (list (text->option-value "85" percentage?) (text->option-value "#f" boolean?)
          (text->option-value "'(\"a\" \"b\")" strings?) (text->option-value "(1 2)" list?)))
  (test-equal "or a length of time"
    300 (text->option-value "5m" duration?))
  (test-equal "or text"
    '("/var log" "85")
    (list (text->option-value "/var log" string?) (text->option-value "85" string?)))
  (test-equal "or what stands between commas"
    '("tmpfs" "overlay") (text->option-value "tmpfs,overlay" strings?))
  (test-equal "what passes no check is left to it"
    180 (text->option-value "180" percentage?))

  (test-equal "the first sentence of a plugin's text"
    '("Watch it" "Watch it" "Watch")
    (map first-sentence '("Watch it.  At length." "Watch it." "Watch")))
  (test-equal "a command as it would be typed"
    "sh -c 'echo \"a b\"; it'\\''s' ''"
    (shell-command #("sh" "-c" "echo \"a b\"; it's" ""))))
