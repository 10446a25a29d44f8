;;; unheard-test.scm -- what a question without answers asks about, though nobody ever told of it
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog query asking unheard)
             (sheepdog query time)
             (sheepdog small-herd)
             (sheepdog test)
             (sheepdog told-herd)
             (srfi srfi-64))

(setenv "TZ" "UTC")

(test-suite "what the store has never heard of"
  (call-with-told-herd
   '((host "web1") (state "web2" "nginx" ok 10 #f) (fact "web2" "host.memory" 1 9 #f)
     (fact "web2" "package.zlib" "1" 9 3) (sample "web2" "disk./.available" 1 1)
     (event "web2" "nginx" "reboot" 1))
   (lambda ()
     (for-each
      (match-lambda
        ((forms sentences ...)
         (test-equal (object->string forms) sentences (unheard forms))))
      '((((run* (s) (statuso "web1" "nginx" 'ok s))))
        (((run* (s) (statuso "web3" "ngnix" 'ok s)))
         "there is no host web3 in this store; did you mean web1?"
         "there is no service ngnix in this store; did you mean nginx?")
        (((run* (v) (facto "web2" 'host.memry v)) )
         "there is no fact host.memry in this store; did you mean host.memory?")
        (((run* (v) (fresh (t) (sampleo "web2" "heat" t v))))
         "there is no sample heat in this store")
        (((run* (v) (conde ((packageo "web2" "zlib" v)) ((packageo "web2" "zlob" v)))))
         "there is no package zlob in this store; did you mean zlib?")
        ;; A name of what happens, a version and a summary are no names of these.
        (((run* (t) (fresh (s) (evento "web2" s 'rebot t) (packageo "web2" "zlib" "2")))))
        ;; Names that are given by others, as of the parameters of a question with a name.
        (((let ((package "htop") (pattern "*none*") (days 7))
            (run* (host v) (packageo host package v) (matcheso v pattern))))
         "there is no package htop in this store")
        (((run* (host s) (== host "desk") (serviceo host s)))
         "there is no host desk in this store")
        (((run* (host s) (== s "desk") (serviceo host host))))
        ;; And what relations of one's own say.
        (((define-relation (downo host other) "Down." (fresh (s) (serviceo host s)) (downo other host))
          (defrel (badlyo x) (downo x "no host"))
          (run* (x) (badlyo "web9")))
         "there is no host web9 in this store; did you mean web1?")
        (((run* (x) (== x '(hosto "quoted")))))))
     (test-equal "before all that is known" '("nothing is known before 2026-11-11 13:03:05")
       (parameterize ((current-moment (- small-herd-now (* 86400 11))))
         (unheard '((run* (s) (serviceo "web1" s))))))
     (test-equal "after the first that is known" '()
       (parameterize ((current-moment (- small-herd-now (* 86400 9))))
         (unheard '((run* (s) (serviceo "web1" s))))))))
  (test-equal "where there is no store" '() (unheard '((run* (s) (hosto "x"))) #f)))
