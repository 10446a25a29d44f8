;;; table-test.scm -- tables stand aligned, and programs get what they can parse.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog core)
             (sheepdog table)
             (sheepdog test)
             (sheepdog unit)
             (srfi srfi-64))

(define-syntax-rule (printed e)
  (with-output-to-string (lambda () e)))

(test-suite "table"
  (test-equal "lengths of time; what is too short is not nothing"
    (list "under 1ms" "under 1ms" "1ms" "-12ms" "1.4s" "1h 1m")
    (map format-seconds (list 0 0.0004 1/1000 -0.012 1.45 3660)))

  (test-equal "columns are as wide as what is in them, numbers stand to the right"
    (string-append "host   status      n\n"
                   "tux01  ok         12\n"
                   "ærø    critical  7.5\n"
                   "犬     -           -\n")
    (printed (print-table '("host" status "n")
                          '(("tux01" ok 12) ("ærø" critical 7.5) ("犬" #f #f)))))

  (test-equal "rows that come later go on below, in columns that are as wide at least"
    (string-append "host   n\n"
                   "tux01  1\n"
                   "tux-long  22\n"
                   "a          3\n")
    (printed (let ((above (print-table '(host n) '(("tux01" 1)))))
               (print-table '(host n) '(("tux-long" 22) ("a" 3)) #:above above))))

  (test-equal "a heading may ask for the right"
    "   k\n  ab\nabcd\n"
    (printed (print-table '("k") '(("ab") ("abcd")) #:right-aligned '("k"))))

  (test-equal "only the last column is cut, to the width"
    "host                  summary\nand.a.very.long.name  0123456789abcdefg…\n"
    (printed (print-table '(host summary)
                          '(("and.a.very.long.name" "0123456789abcdefghijklm")) #:width 40)))

  (test-equal "a wide character counts for two where it is cut"
    "summary\n犬犬犬…\n"
    (printed (print-table '(summary) '(("犬犬犬犬犬")) #:width 8)))

  (test-assert "a port that is no terminal has neither colours nor a width"
    (let ((text (printed (print-table '(s) (list (list 'critical) (list (make-string 500 #\x)))))))
      (and (not (string-index text #\esc)) (> (string-length text) 500))))

  (test-equal "colours are put around the status only"
    "\x1b[1ms\x1b[0m\n\x1b[31mcritical\x1b[0m\nplain\n"
    (printed (print-table '(s) '((critical) ("plain")) #:colour? #t)))

  (test-equal "what strangers wrote cannot command the terminal"
    "s\nred�[31m� two lines\n"
    (printed (print-table '(s) '(("red\x1b[31m\x07 two\nlines")))))

  (test-equal "no rows: the headings alone"
    "host  status\n"
    (printed (print-table '(host status) '())))

  (test-equal "CSV quotes what it must, and ends lines as RFC 4180 says"
    "host,summary,n\ntux,\"a \"\"b\"\", c\",1.5\ntux,\"two\nlines\",\n"
    (printed (print-csv '(host summary n) '(("tux" "a \"b\", c" 3/2) ("tux" "two\nlines" #f)))))

  (test-equal "CSV without headings"
    "ok,1\n" (printed (print-csv #f '((ok 1)))))

  (test-equal "JSON is an array of objects"
    '#((("host" . "tux") ("n" . 1) ("status" . "ok"))
       (("host" . "ærø") ("n" . null) ("status" . "critical")))
    (%json->scm (printed (print-json '("host" status n) '(("tux" ok 1) ("ærø" critical #f))))))

  (test-equal "JSON of nothing is an empty array"
    '#() (%json->scm (printed (print-json '(a) '()))))

  (test-equal "a cell may be JSON already"
    '#((("data" . (("a" . 1)))))
    (%json->scm (printed (print-json '(data) '(((("a" . 1)))) #:json-cells '(data)))))

  (test-equal "a row as an array, lists in it too"
    "[\"tux\",\"ok\",1.5,null,[1,[\"a\"]],\"(1 . 2)\"]\n"
    (json-row '("tux" ok 3/2 #f (1 ("a")) (1 . 2))))

  (let ((zone (getenv "TZ")))
    (dynamic-wind
      (lambda () (setenv "TZ" "Europe/Copenhagen") (tzset))
      (lambda ()
        (test-equal "a time is shown in the user's zone"
          "2026-11-21 14:03:05" (format-time 1795266185.75))
        (test-equal "summer time too"
          "2026-06-21 14:03:05" (format-time 1782043385))
        (test-equal "no time" '("-" "now") (list (format-time #f) (format-time 'now)))
        (test-equal "today's are short where asked"
          8 (string-length (format-time (current-time) #t)))
        (test-equal "another day's are not" 19 (string-length (format-time 1782043385 #t))))
      (lambda () (if zone (setenv "TZ" zone) (unsetenv "TZ")) (tzset))))

  (test-equal "how long ago"
    '("6h 2m" "now" "-")
    (list (format-since 1000 (+ 1000 21720.5)) (format-since 1000 1000.2) (format-since #f)))
  (test-equal "and what a clock that was set back has still before it"
    '("in 1h" "in 1h" "1h ago")
    (list (format-since 4600 1000) (format-ago 4600 1000) (format-ago 1000 4600)))

  (test-equal "what is no terminal has no width"
    '(#f #f)
    (list (terminal-width (open-output-string))
          (call-with-input-file "/dev/null" (lambda (port) (%terminal-width (port->fdes port)))))))
