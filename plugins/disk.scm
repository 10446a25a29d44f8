;;; disk.scm -- space and inodes that are left on each mounted file system.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Facts and samples are called disk.POINT.WHAT, as in disk./srv.size.  A dot in the point is written
;;; %2e there, and a per cent sign %25.
(define-module (sheepdog plugins disk)
  #:use-module ((ice-9 exceptions) #:select (guard))
  #:use-module (ice-9 match)
  #:use-module (sheepdog plugin)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu))

(define-immutable-record-type <mount>
  (make-mount point type device mounted-writable? itself-writable?)
  mount?
  (point mount-point)                          ; string: where
  (type mount-type)                            ; string
  (device mount-device)                        ; string
  (mounted-writable? mount-mounted-writable?)  ; boolean: as it was mounted
  (itself-writable? mount-itself-writable?))   ; boolean: what the file system allows now

;; Types that keep no data of anybody.  Asking an autofs would mount it.
(define pseudo-types
  '("autofs" "binfmt_misc" "bpf" "cgroup" "cgroup2" "configfs" "debugfs" "devpts" "devtmpfs"
    "efivarfs" "fuse.gvfsd-fuse" "fuse.lxcfs" "fuse.portal" "fusectl" "hugetlbfs" "mqueue" "nsfs"
    "proc" "pstore" "rootfs" "rpc_pipefs" "securityfs" "selinuxfs" "sysfs" "tracefs"))

;; Types that always answer.  All others may wait for a server.
(define local-types
  '("bcachefs" "btrfs" "erofs" "exfat" "ext2" "ext3" "ext4" "f2fs" "hfsplus" "iso9660" "jfs"
    "nilfs2" "ntfs" "ntfs3" "overlay" "ramfs" "reiserfs" "squashfs" "tmpfs" "udf" "vfat" "xfs"
    "zfs"))

;; Types that turn read-only by themselves where they find damage.
(define falling-types
  '("bcachefs" "btrfs" "exfat" "ext2" "ext3" "ext4" "f2fs" "jfs" "nilfs2" "ntfs3" "reiserfs" "vfat"))

(define (unescape text)
  "TEXT of the kernel's tables, where blanks and backslashes are \\040 and the like."
  (match (string-index text #\\)
    (#f text)
    (i (let ((code (and (<= (+ i 4) (string-length text))
                        (string->number (substring text (+ i 1) (+ i 4)) 8))))
         (if code
             (string-append (substring text 0 i) (string (integer->char code))
                            (unescape (substring text (+ i 4))))
             (string-append (substring text 0 (+ i 1)) (unescape (substring text (+ i 1)))))))))

(define (has-option? options name)
  (and (member name (string-split options #\,)) #t))

(define (allows-writing? itself)
  "True where the options ITSELF of a file system say that it takes writes.  Since Linux 6.15 an ext4
that has turned read-only says so by an option of its own."
  (and (has-option? itself "rw")
       (not (has-option? itself "emergency_ro"))
       (not (has-option? itself "shutdown"))))

(define (line->mount line)
  ;; ID PARENT DEVICE-NUMBER ROOT POINT OPTIONS [FIELD ...] - TYPE DEVICE OPTIONS-OF-ITSELF
  (match (string-split line #\space)
    ((_ _ _ _ point options . rest)
     (match (member "-" rest)
       ((_ type device itself . _)
        (make-mount (unescape point) type (unescape device)
                    (has-option? options "rw") (allows-writing? itself)))
       (_ #f)))
    (_ #f)))

(define (read-mounts)
  "All mounts of the machine, the last one at each point."
  (let ((text (or (machine-file "/proc/self/mountinfo")
                  (raise-check-failed "/proc/self/mountinfo cannot be read"))))
    (define covered (make-hash-table))
    (fold (lambda (mount rest)
            (cond ((hash-ref covered (mount-point mount)) rest)
                  (else (hash-set! covered (mount-point mount) #t) (cons mount rest))))
          '()
          (reverse (filter-map line->mount (string-split text #\newline))))))

(define (mount-writable? mount)
  (and (mount-mounted-writable? mount) (mount-itself-writable? mount)))

(define (fallen? mount)
  "True where MOUNT was mounted writable and the file system does not allow it any more.  Who mounts
it read-only, or does so later, changes both."
  (and (mount-mounted-writable? mount) (not (mount-itself-writable? mount))
       (member (mount-type mount) falling-types)))

(define (meant-writable? mount)
  "True where /etc/fstab has MOUNT, and writable."
  (any (lambda (line)
         (match (string-tokenize line)
           ((_ point type options . _)
            (and (string=? (unescape point) (mount-point mount))
                 (member type (list "auto" (mount-type mount)))
                 (not (has-option? options "ro"))))
           (_ #f)))
       (string-split (or (machine-file "/etc/fstab") "") #\newline)))

(define (below? path directory)
  (and (string-prefix? directory path)
       (or (string=? directory "/")
           (= (string-length path) (string-length directory))
           (char=? #\/ (string-ref path (string-length directory))))))

(define (left-out? mount ignored)
  (let ((point (mount-point mount)))
    (or (member (mount-type mount) pseudo-types)
        (member point ignored)
        ;; The root is watched whatever it is: in a container it is an overlay.
        (and (member (mount-type mount) ignored) (not (string=? point "/")))
        (string-any char-set:iso-control point)
        (> (string-utf8-length point) 200))))

(define (shown-before? mount others)
  "True where one of OTHERS shows the device of MOUNT at a shorter path: MOUNT is bound to it or is
another part of it."
  (let ((device (mount-device mount)))
    (and (string-any (char-set #\/ #\:) device)
         (find (lambda (other)
                 (and (string=? device (mount-device other))
                      (string=? (mount-type mount) (mount-type other))
                      (let ((a (mount-point other)) (b (mount-point mount)))
                        (or (< (string-length a) (string-length b))
                            (and (= (string-length a) (string-length b)) (string<? a b))))))
               others))))

(define (file-is-bound-there? mount)
  "True where MOUNT is at a file, as containers have it at /etc/hosts."
  (and (member (mount-type mount) local-types)
       (let ((info (stat (machine-path (mount-point mount)) #f)))
         (and info (not (eq? 'directory (stat:type info)))))))

(define (watched-mounts mounts ignored)
  ;; A file that is bound must not hide its volume where that is mounted at a longer path.
  (let ((kept (remove (lambda (mount)
                        (or (left-out? mount ignored) (file-is-bound-there? mount)))
                      mounts)))
    (remove (lambda (mount) (shown-before? mount kept)) kept)))

(define (service mount)
  (string-append "disk " (mount-point mount)))

(define (mount-data mount)
  `((mount . ,(mount-point mount)) (type . ,(mount-type mount)) (device . ,(mount-device mount))))

(define (space-report mount space options)
  "The report about MOUNT that has SPACE."
  (define (of name) (assq-ref space name))
  (define point (mount-point mount))
  (define (level use)
    (cond ((>= use (option-ref options 'critical)) 'critical)
          ((>= use (option-ref options 'warning)) 'warning)
          (else 'ok)))
  (define (say status text . arguments)
    (report (service mount) #:status status
            #:summary (string-append point " " (apply format #f text arguments))
            #:data `(,@(mount-data mount)
                     (size . ,(of 'size)) (available . ,(of 'available))
                     (used . ,(- (of 'size) (of 'free)))
                     ,@(if (> (of 'inodes) 0)
                           `((inodes . ,(of 'inodes))
                             (inodes-used . ,(- (of 'inodes) (of 'inodes-free))))
                           '()))))
  ;; Blocks that only root may use are neither used nor left, as df has it.
  (let* ((used (- (of 'size) (of 'free)))
         (space-use (percent used (+ used (of 'available))))
         (inode-use (percent (- (of 'inodes) (of 'inodes-free)) (of 'inodes)))
         (left (format-bytes (of 'available))))
    (cond
     ((fallen? mount)
      (say 'critical "has become read-only, ~a % used" space-use))
     ((and (not (mount-writable? mount)) (meant-writable? mount))
      (say 'critical "is read-only, in /etc/fstab it is writable, ~a % used" space-use))
     ;; Read-only just where we see it: others fill it.
     ((not (mount-itself-writable? mount))
      (say 'ok "~a % used, read-only" space-use))
     ((and (not (eq? 'ok (level inode-use))) (>= inode-use space-use))
      (say (level inode-use) "~a % of its inodes used, ~a left" inode-use (of 'inodes-free)))
     (else
      (say (level space-use) "~a % used, ~a left" space-use left)))))

(define (look-at mount known? options)
  "The report about MOUNT, or #f where there is nothing to say of it."
  (define (say status text)
    (report (service mount) #:status status #:data (mount-data mount)
            #:summary (string-append (mount-point mount) " " text)))
  (guard (problem
          ((or (timed-out? problem)
               (and (core-error? problem) (eq? 'busy (core-error-code problem))))
           (say 'warning (format #f "does not answer (~a ~a)" (mount-type mount)
                                 (mount-device mount))))
          ((and (core-error? problem) (memq (core-error-code problem) '(denied not-found)))
           ;; What we never saw is no business of ours.
           (and known? (say 'unknown "cannot be looked at any more")))
          ((core-error? problem)
           (say 'critical (string-append "fails: " (exception->text problem)))))
    (let ((space (file-system-space (mount-point mount)
                                    #:timeout (and (not (member (mount-type mount) local-types))
                                                   (option-ref options 'timeout)))))
      (and (> (assq-ref space 'size) 0)
           (space-report mount space options)))))

(define (gone-report point mounts)
  (report (string-append "disk " point) #:status 'unknown
          #:summary (string-append point (if (mounted? point mounts)
                                             " is mounted elsewhere too"
                                             " is not mounted any more"))
          #:data `((mount . ,point) (gone . #t))))

(define (mounted? point mounts)
  (any (lambda (mount) (string=? point (mount-point mount))) mounts))

(define (look options state)
  ;; The state is a list of the points that were reported.
  (let* ((mounts (read-mounts))
         (before (or state '()))
         (automatic (filter-map (lambda (mount)
                                  (and (string=? "autofs" (mount-type mount)) (mount-point mount)))
                                mounts))
         (watched (watched-mounts mounts (option-ref options 'ignore)))
         (seen (filter-map
                (lambda (mount)
                  (let* ((point (mount-point mount))
                         (made (look-at mount (member point before) options)))
                    (and made (cons point made))))
                watched))
         (gone (filter-map
                (lambda (point)
                  (and (not (mounted? point watched))
                       ;; An automounter comes and goes as it likes.
                       (not (any (lambda (directory) (below? point directory)) automatic))
                       (gone-report point mounts)))
                before)))
    (values (append (map cdr seen) gone) (map car seen))))

(define (point-in-key point)
  "POINT without a dot, so that no other one's facts begin with it and a dot."
  (string-concatenate
   (map (lambda (char)
          (case char
            ((#\.) "%2e")
            ((#\%) "%25")
            (else (string char))))
        (string->list point))))

(define (receive report)
  (let ((prefix (string-append "disk." (point-in-key (report-ref report "mount")))))
    (define (samples)
      (filter-map (lambda (name)
                    (let ((value (report-ref report name)))
                      (and value (sample (string-append prefix "." name) value))))
                  '("used" "available" "inodes-used")))
    (define (known-facts)
      (filter-map (lambda (name)
                    (let ((value (report-ref report name))) (and value (cons name value))))
                  '("type" "device" "size" "inodes")))
    (cons (status (report-status report))
          (cond ((report-ref report "gone") (list (facts prefix '())))
                ((report-ref report "size") (cons (facts prefix (known-facts)) (samples)))
                (else '())))))

(define-plugin disk
  "Watch the space and the inodes that are left on each mounted file system."
  #:every (minutes 1)
  #:options ((warning 80 percentage? "Use from which the status is warning.")
             (critical 95 percentage? "Use from which the status is critical.")
             (ignore '("tmpfs" "ramfs" "overlay" "squashfs" "iso9660" "udf" "erofs") strings?
                     "File-system types and mount points that are left out.")
             (timeout (seconds 5) duration? "How long to wait for the answer of a server."))
  #:monitor look
  #:receiver receive)
