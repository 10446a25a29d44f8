;;; disk-test.scm -- the file systems of a made-up machine, and of this one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (ice-9 receive)
             (sheepdog core)
             (sheepdog error)
             (sheepdog machine)
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins disk) #:prefix plugin:)
             (sheepdog report)
             (sheepdog store)
             (sheepdog task)
             (sheepdog test)
             (sheepdog test-store)
             (srfi srfi-1)
             (srfi srfi-64))

(define gib (gibibytes 1))

(define* (space #:key (size (* 100 gib)) (free (/ size 2)) (available free) (inodes 1000)
                (inodes-free 900))
  `((size . ,size) (free . ,free) (available . ,available) (inodes . ,inodes)
    (inodes-free . ,inodes-free)))

(define half-full (space))

(define* (mountinfo mounts #:optional (itself (const #f)))
  "MOUNTS, lines as of /proc/mounts, as /proc/self/mountinfo has them.  ITSELF may return the options
of the file system mounted at a point, where they are others than those of the mount."
  (string-concatenate
   (map (match-lambda
          ((device point type options . _)
           (format #f "29 1 254:1 / ~a ~a shared:1 - ~a ~a ~a,errors=remount-ro\n" point options type
                   device (or (itself point) options))))
        (filter (lambda (fields) (>= (length fields) 4))
                (map (lambda (line) (string-split line #\space))
                     (string-split mounts #\newline))))))

(define* (look mounts spaces #:key state (options '()) (files '()) (itself (const #f)))
  "The reports and the state of a round on a machine with the text MOUNTS and SPACES, an alist of
paths to what is answered there: a space or a thunk.  Others must not be asked."
  (call-with-machine
   `(("/proc/self/mountinfo" . ,(mountinfo mounts itself)) ,@files)
   (lambda ()
     (parameterize ((current-file-system-space
                     (lambda (path timeout)
                       (match (assoc path spaces)
                         ((_ . (? procedure? answer)) (answer timeout))
                         ((_ . space) space)))))
       (apply look-again plugin:disk state options)))))

(define (reports-of . arguments)
  (receive (reports state) (apply look arguments) (map report->list reports)))

(define root "/dev/vda1 / ext4 rw,relatime 0 0\n")

(define (root-with . arguments)
  (reports-of root `(("/" . ,(apply space arguments)))))

(define (failing code)
  (lambda (timeout) (raise-core-error "file-system-space" code "/net: it is broken")))

(define (commit store reports)
  (match (%intake (map (lambda (report)
                         (set-report-id
                          (set-report-host (set-report-plugin report 'disk) "tux") (%uuid)))
                       reports))
    ((intake . received)
     (let ((verdicts (map (lambda (report) (cons 'received ((plugin-receiver plugin:disk) report)))
                          received)))
       (await (lambda (callback) (%store-commit store intake verdicts callback)))
       (%intake-forget intake)))))

(test-suite "disk"
  (test-equal "a file system"
    '(("disk /" ok "/ 50 % used, 50.0 GiB left"))
    (root-with))

  (test-equal "its facts and samples"
    (list (status 'ok)
          (facts "disk./export" `(("type" . "xfs") ("device" . "/dev/sdb1") ("size" . ,(* 100 gib))
                                  ("inodes" . 1000)))
          (sample "disk./export.used" (* 50 gib))
          (sample "disk./export.available" (* 45 gib))
          (sample "disk./export.inodes-used" 100))
    (receive (reports state)
        (look "/dev/sdb1 /export xfs rw 0 0\n"
              `(("/export" . ,(space #:available (* 45 gib)))))
      (receive-report plugin:disk (car reports))))

  (test-equal "space that only root may use is not left"
    '(("disk /" warning "/ 83 % used, 10.0 GiB left"))
    (root-with #:available (* 10 gib)))

  (test-equal "the thresholds are reached at 80 and 95 per cent"
    '(ok warning warning critical)
    (map (lambda (free) (second (first (root-with #:size 1000 #:free free))))
         '(201 200 51 50)))

  (test-equal "the thresholds are options"
    '(("disk /" critical "/ 50 % used, 50.0 GiB left"))
    (reports-of root `(("/" . ,half-full)) #:options '(#:warning 10 #:critical 50)))

  (test-equal "inodes run out too"
    '(("disk /" critical "/ 99 % of its inodes used, 10 left"))
    (root-with #:inodes-free 10))

  (test-equal "a file system without inodes"
    '(("disk /" ok "/ 50 % used, 50.0 GiB left"))
    (root-with #:inodes 0 #:inodes-free 0))

  (test-equal "what keeps nothing is left out, and an automounter is not asked"
    '("disk /")
    (map first
         (reports-of (string-append "proc /proc proc rw 0 0\n"
                                    "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"
                                    root
                                    "tmpfs /run tmpfs rw 0 0\n"
                                    "/dev/loop0 /snap/core/1 squashfs ro 0 0\n"
                                    "overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0\n"
                                    "auto.home /home autofs rw 0 0\n")
                     `(("/" . ,half-full)))))

  (test-equal "a container's root is an overlay, and the files bound in it are not shown"
    '("disk /" "disk /data")
    (call-with-machine
     `(("/proc/self/mountinfo" . ,(mountinfo "overlay / overlay rw 0 0
/dev/sda1 /etc/hosts ext4 rw 0 0
/dev/sdb1 /data ext4 rw 0 0
"))
       ("/etc/hosts" . "127.0.0.1 localhost\n"))
     (lambda ()
       (parameterize ((current-file-system-space (lambda (path timeout) half-full)))
         (map report-service (look-with plugin:disk))))))

  (test-equal "types and mount points can be left out"
    '("disk /")
    (map first
         (reports-of (string-append root
                                    "/dev/sdb1 /scratch xfs rw 0 0\n"
                                    "tank/old /tank zfs rw 0 0\n")
                     `(("/" . ,half-full))
                     #:options '(#:ignore ("zfs" "/scratch")))))

  (test-equal "a device is shown once, where its path is shortest"
    '("disk /" "disk /tank" "disk /tank/a")
    (map first
         (reports-of (string-append root
                                    "/dev/vda1 /gnu/store ext4 ro 0 0\n"
                                    "/dev/vda1 /var/snap ext4 rw 0 0\n"
                                    "tank /tank zfs rw 0 0\n"
                                    "tank/a /tank/a zfs rw 0 0\n")
                     `(("/" . ,half-full) ("/tank" . ,half-full) ("/tank/a" . ,half-full)))))

  (test-equal "the last mount at a point is the one that is seen"
    '("xfs")
    (receive (reports state)
        (look "/dev/sdb1 /mnt ext4 rw 0 0\n/dev/sdc1 /mnt xfs rw 0 0\n" `(("/mnt" . ,half-full)))
      (map (lambda (report) (assq-ref (report-data report) 'type)) reports)))

  (test-equal "blanks and backslashes in a path"
    '(("disk /mnt/my disk\\1" ok "/mnt/my disk\\1 50 % used, 50.0 GiB left"))
    (reports-of "/dev/sdb1 /mnt/my\\040disk\\1341 ext4 rw 0 0\n"
                `(("/mnt/my disk\\1" . ,half-full))))

  (test-equal "a path that cannot be a name is left out"
    '()
    (reports-of "/dev/sdb1 /mnt/a\\012b ext4 rw 0 0\n" '()))

  (test-equal "a file system of no size is none"
    '()
    (reports-of "x /x fuse.x rw 0 0\n" `(("/x" . ,(space #:size 0)))))

  (test-equal "a server is waited for so long"
    '(5 #f 2)
    (let ((asked '()))
      (define (answer timeout) (set! asked (cons timeout asked)) half-full)
      (look "nas:/x /x nfs4 rw 0 0\n" `(("/x" . ,answer)))
      (look root `(("/" . ,answer)))
      (look "nas:/x /x nfs4 rw 0 0\n" `(("/x" . ,answer)) #:options '(#:timeout 2))
      (reverse asked)))

  (test-equal "one that hangs is a warning, and the others are looked at"
    '(("disk /" ok "/ 50 % used, 50.0 GiB left")
      ("disk /net" warning "/net does not answer (nfs4 nas:/net)")
      ("disk /nut" warning "/nut does not answer (nfs4 nas:/nut)"))
    (reports-of (string-append root "nas:/net /net nfs4 rw 0 0\nnas:/nut /nut nfs4 rw 0 0\n")
                `(("/" . ,half-full)
                  ("/net" . ,(lambda (timeout) (with-timeout 0.01 (lambda () (sleep 60)))))
                  ("/nut" . ,(failing 'busy)))))

  (test-equal "nothing is measured of it, and its facts stay"
    (list (status 'warning))
    (receive (reports state)
        (look "nas:/net /net nfs4 rw 0 0\n" `(("/net" . ,(failing 'busy))))
      (receive-report plugin:disk (car reports))))

  (test-equal "one that we may not see is nothing, unless we saw it before"
    '(() ("disk /net" unknown "/net cannot be looked at any more"))
    (let ((mounts "nas:/net /net nfs4 rw 0 0\n"))
      (cons (reports-of mounts `(("/net" . ,(failing 'denied))))
            (reports-of mounts `(("/net" . ,(failing 'denied))) #:state '("/net")))))

  (test-equal "one that fails is critical"
    '(("disk /net" critical "/net fails: /net: it is broken"))
    (reports-of "nas:/net /net nfs4 rw 0 0\n" `(("/net" . ,(failing 'io)))))

  (test-equal "a file that is bound does not hide its volume"
    '("disk /" "disk /var/lib/postgresql/data")
    (map first
         (reports-of "overlay / overlay rw 0 0
/dev/sda1 /etc/hosts ext4 rw 0 0
/dev/sda1 /var/lib/postgresql/data ext4 rw 0 0
"
                     `(("/" . ,half-full) ("/var/lib/postgresql/data" . ,half-full))
                     #:files '(("/etc/hosts" . "127.0.0.1 localhost\n")))))

  (test-equal "read-only on purpose: even full it is no trouble"
    '(("disk /" ok "/ 100 % used, read-only"))
    (reports-of "/dev/vda1 / ext4 ro,relatime 0 0\n" `(("/" . ,(space #:free 0)))))

  (test-equal "one that is read-only just where we see it is as full as it is"
    '(("disk /home" critical "/home 100 % used, 0 B left"))
    (reports-of "/dev/vda2 /home ext4 ro,relatime 0 0\n" `(("/home" . ,(space #:free 0)))
                #:itself (const "rw")))

  (test-equal "one that has turned read-only by itself is critical, whoever looks for the first time"
    (make-list 3 '(("disk /" critical "/ has become read-only, 50 % used")))
    (map (lambda (itself) (reports-of root `(("/" . ,half-full)) #:itself (const itself)))
         '("ro" "rw,emergency_ro" "rw,shutdown")))

  (test-equal "one of a type that is read-only anyway has not turned so"
    '(("disk /" ok "/ 50 % used, read-only"))
    (reports-of "overlay / overlay rw 0 0\n" `(("/" . ,half-full)) #:itself (const "ro")))

  (test-equal "one that is to be writable and is not is critical"
    '(critical critical ok ok ok)
    (map (lambda (entry)
           (second (first (reports-of "/dev/vda1 /my\\040data ext4 ro,relatime 0 0\n"
                                      `(("/my data" . ,half-full))
                                      #:files `(("/etc/fstab" . ,entry))))))
         '("# /etc/fstab\n/dev/vda1\t/my\\040data ext4 defaults 0 2\n"
           "LABEL=data /my\\040data auto noatime,errors=remount-ro\n"
           "/dev/vda1 /my\\040data ext4 defaults,ro 0 2\n"
           "/dev/vda1 /my\\040data btrfs defaults 0 2\n"
           "/dev/vda1 / ext4 defaults 0 2\n")))

  (test-equal "and it says so"
    '(("disk /" critical "/ is read-only, in /etc/fstab it is writable, 50 % used"))
    (reports-of "/dev/vda1 / ext4 ro,relatime 0 0\n" `(("/" . ,half-full))
                #:files '(("/etc/fstab" . "/dev/vda1 / ext4 defaults 0 1\n"))))

  (test-equal "one that is gone is said to be, once, and its facts end"
    (list '("disk /mnt" unknown "/mnt is not mounted any more")
          (list (status 'unknown) (facts "disk./mnt" '()))
          '())
    (receive (reports state)
        (look (string-append root "/dev/sdb1 /mnt ext4 rw 0 0\n")
              `(("/" . ,half-full) ("/mnt" . ,half-full)))
      (receive (reports state) (look root `(("/" . ,half-full)) #:state state)
        (list (report->list (second reports))
              (receive-report plugin:disk (second reports))
              (cdr (reports-of root `(("/" . ,half-full)) #:state state))))))

  (test-equal "facts of one never begin as those of another"
    '("disk./" "disk./srv/data" "disk./srv/data%2eold" "disk./srv/data%252eold" "disk./%2ehidden")
    (map (lambda (point)
           (receive (reports state)
               (look (string-append "/dev/sdb1 " point " xfs rw 0 0\n") `((,point . ,half-full)))
             (match (receive-report plugin:disk (car reports))
               ((_ #('facts prefix _ ...) . _) prefix))))
         '("/" "/srv/data" "/srv/data.old" "/srv/data%2eold" "/.hidden")))

  (test-equal "so the facts of one end, and those of another stay"
    `(("disk./srv/data%2eold.size" ,(* 100 gib)))
    (let* ((old "/dev/sdc1 /srv/data.old xfs rw 0 0\n")
           (spaces `(("/srv/data" . ,half-full) ("/srv/data.old" . ,half-full)))
           (rounds (receive (first state) (look (string-append "/dev/sdb1 /srv/data xfs rw 0 0\n" old)
                                                spaces)
                     (receive (second _) (look old spaces #:state state)
                       (list first second)))))
      (with-store (store reader)
        (for-each (lambda (reports) (commit store reports)) rounds)
        (select reader "SELECT name, value FROM fact JOIN key USING (key_id)
                         WHERE until IS NULL AND name LIKE '%.size'"))))

  (test-equal "what an automounter took away is not gone"
    '()
    (reports-of "auto /home autofs rw 0 0\n" '() #:state '("/home/ada")))

  (test-raises "no /proc is a failed check" check-failed?
    (call-with-machine '() (lambda () (look-with plugin:disk))))

  (test-assert "a file system is asked on a thread, as a task"
    (< 0 (assq-ref (run-task (lambda () (file-system-space "/" #:timeout 30))) 'size)))

  (test-equal "and its failure is a condition with the same code"
    '(not-found not-found)
    (map (lambda (timeout)
           (with-exception-handler core-error-code
             (lambda ()
               (run-task (lambda () (file-system-space "/no/such/path" #:timeout timeout))))
             #:unwind? #t))
         '(#f 30)))

  ;; In a chroot nothing is mounted at the root.
  (unless (member "/" (map (lambda (line) (list-ref (string-split line #\space) 4))
                           (string-split (string-trim-right (machine-file "/proc/self/mountinfo"))
                                         #\newline)))
    (test-skip 1))
  (test-equal "this machine has a root that is not empty"
    #t
    (let ((report (find (lambda (report) (string=? "disk /" (report-service report)))
                        (look-with plugin:disk))))
      (receive-report plugin:disk report)
      (< 0 (assq-ref (report-data report) 'used) (assq-ref (report-data report) 'size)))))
