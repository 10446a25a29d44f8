;;; program-test.scm -- what every program does around its work
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog program)
             (sheepdog test)
             (srfi srfi-64))

(define group (false-if-exception (getgrnam "sheepdog")))

(define (place-made directory drop)
  "The mode of DIRECTORY and that of a file in it, once its place was made by a program whose drop
socket is DROP, and whether it belongs to the group."
  (let ((before (umask #o022))
        (file (string-append directory "/file")))
    (dynamic-wind
      (const #t)
      (lambda ()
        (make-place `((state-dir . ,directory) (drop . ,drop)))
        (close-port (open-output-file file))
        (list (stat:perms (stat directory)) (stat:perms (stat file))
              (or (not group) (= (group:gid group) (stat:gid (stat file))))))
      (lambda () (umask before)))))

(define (chosen own-files machine?)
  "Whose state directory a user reads that has OWN-FILES in their own, where a machine's is there or
not, as MACHINE? says: `own' or `machine'."
  (call-with-temporary-directory
   (lambda (directory)
     (let ((own (string-append directory "/sheepdog"))
           (machine (string-append directory "/machine")))
       (mkdir own)
       (when machine? (mkdir machine))
       (for-each (lambda (name) (close-port (open-output-file (string-append own "/" name))))
                 own-files)
       (parameterize (((@@ (sheepdog program) own-state-dir) (const own)))
         (if (string=? own (place (places-to-read '() #:machine machine) 'state-dir))
             'own
             'machine))))))

(test-suite "program"
  (unsetenv "SHEEPDOG_STATE_DIR")
  (test-equal "who has a herd of their own reads that, others the machine's, where there is one"
    '(own own own machine own)
    (list (chosen '("store.db") #t) (chosen '("lock") #t) (chosen '("store.lock") #t)
          (chosen '("run-locks") #t) (chosen '() #f)))

  (test-equal "the machine's own directory gets its mode and group, whoever made it"
    (make-list 2 (list (if group #o2750 #o700) #o640 #t))
    (call-with-temporary-directory
     (lambda (directory)
       (let ((made (string-append directory "/made"))
             (missing (string-append directory "/missing")))
         (mkdir made)
         (chmod made #o755)
         (map (lambda (place) (place-made place "/run/sheepdog/drop")) (list made missing))))))

  (test-equal "a directory of somebody's own is private, and stays as it was made"
    '((#o755 #o644) (#o700 #o644))
    (call-with-temporary-directory
     (lambda (directory)
       (let ((made (string-append directory "/made"))
             (missing (string-append directory "/missing")))
         (mkdir made)
         (chmod made #o755)
         (map (lambda (place)
                (let ((modes (place-made place (string-append place "/drop"))))
                  (list (car modes) (cadr modes))))
              (list made missing)))))))
