;;; sample-test.scm -- members of data become samples.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog error)
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins sample) #:prefix plugin:)
             (sheepdog test)
             (srfi srfi-64))

(define (failure data)
  (with-exception-handler exception->text
    (lambda () (receive-report plugin:sample (report "samples" #:data data)))
    #:unwind? #t))

(test-suite "sample"
  (test-equal "numbers are samples"
    (list (sample "queue.length" 12) (sample "temperature" -3.5))
    (receive-report plugin:sample
                    (report "samples" #:data '((temperature . -3.5) (queue.length . 12)))))

  (test-equal "a status is taken where one is given"
    (list (status 'critical) (sample "temperature" 95))
    (receive-report plugin:sample
                    (report "samples" #:status 'critical #:data '((temperature . 95)))))

  (test-equal "text is no sample, and is named"
    "member \"temperature\" of the data is not a number"
    (failure '((temperature . "12"))))

  (test-equal "null is no sample"
    "member \"temperature\" of the data is not a number"
    (failure '((temperature . null)))))
