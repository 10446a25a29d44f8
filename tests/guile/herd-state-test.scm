;;; herd-state-test.scm -- services are found by their names, and old trouble is no news
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog command status)
             (sheepdog core)
             (sheepdog error)
             (sheepdog herd-state)
             (sheepdog store)
             (sheepdog stored-form)
             (sheepdog small-herd)
             (sheepdog test)
             (sheepdog test-store)
             (srfi srfi-64))

(define (message-of thunk)
  (with-exception-handler exception->text
    (lambda () (thunk) 'found)
    #:unwind? #t #:unwind-for-type &config-error))

(define (status-when-all-is-from time)
  "What `sheepdog status' prints where a report was dead and a notice given up at TIME."
  (call-with-store
   (lambda (store reader path)
     (store-transact!
      store
      `(("INSERT INTO dead_letter(time, reason, body, length, sha256)
          VALUES(?, 'not JSON', 'x', 1, '')" ,(seconds->micros time))
        ("INSERT INTO host(host_id, name) VALUES(1, 'tux01')")
        ("INSERT INTO service(service_id, host_id, name, plugin) VALUES(1, 1, 'web', 'message')")
        ("INSERT INTO incident(incident_id, service_id, opened, status) VALUES(1, 1, 0, 2)")
        ("INSERT INTO notice(incident_id, kind, notifier, message, created, due, failed, error)
          VALUES(1, 'opened', 'ann', '{}', ?1, ?1, ?1, 'no such mailbox')"
         ,(seconds->micros time))))
     (with-output-to-string
       (lambda () (main `((state-dir . ,(dirname path)))))))))

(test-suite "herd-state"
  (call-with-small-herd
   (lambda (path)
     (let ((reader (open-reader path)))
       (define (find subject) (message-of (lambda () (find-services reader subject))))
       (test-equal "a slip in a service's name, and a host that is taken for one"
         '("there is no service backap, did you mean backup?"
           "there is no service tux01, did you mean tux01/?"
           "there is no host tux09/, did you mean tux01/?"
           found)
         (map find '("backap" "tux01" "tux09/" "tux01/")))
       (close-reader reader))))

  (test-equal "what could not be read or told lately is news"
    '(#t #t)
    (let ((text (status-when-all-is-from (- (%now) 60))))
      (list (and (string-contains text "not JSON") #t)
            (and (string-contains text "no such mailbox") #t))))
  (test-equal "what is older is not"
    "Nothing has been reported yet.\n"
    (status-when-all-is-from (- (%now) (* 8 day)))))
