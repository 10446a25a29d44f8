;;; fact-test.scm -- members of data become facts.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog error)
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins fact) #:prefix plugin:)
             (sheepdog test)
             (srfi srfi-64))

(define (failure data)
  (with-exception-handler exception->text
    (lambda () (receive-report plugin:fact (report "facts" #:data data)))
    #:unwind? #t))

(test-suite "fact"
  (test-equal "strings, numbers and booleans"
    (list (fact "disks" 3) (fact "nginx.version" "1.22.1") (fact "raid" #f) (fact "scale" 1.5))
    (receive-report plugin:fact
                    (report "facts" #:data '((nginx.version . "1.22.1") (disks . 3) (raid . #f)
                                             (scale . 1.5)))))

  (test-equal "null ends a fact"
    (list (no-fact "nginx.version"))
    (receive-report plugin:fact (report "facts" #:data '((nginx.version . null)))))

  (test-equal "a status is taken where one is given"
    (list (status 'ok) (fact "disks" 3))
    (receive-report plugin:fact (report "facts" #:status 'ok #:data '((disks . 3)))))

  (test-equal "no data, no facts"
    '()
    (receive-report plugin:fact (report "facts")))

  (test-equal "a member that is no fact is named"
    "member \"disks\" of the data is not a string, number, boolean or null"
    (failure '((disks . #("sda" "sdb")))))

  (test-equal "an object is no fact either"
    "member \"disks\" of the data is not a string, number, boolean or null"
    (failure '((disks . ((sda . 1)))))))
