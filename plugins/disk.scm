;;; disk.scm -- space and inodes that are left on each mounted file system.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins disk)
  #:use-module ((ice-9 exceptions) #:select (guard))
  #:use-module (ice-9 match)
  #:use-module (sheepdog plugin)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu))

(define-immutable-record-type <mount>
  (make-mount point type device writable?)
  mount?
  (point mount-point)           ; string: where
  (type mount-type)             ; string
  (device mount-device)         ; string
  (writable? mount-writable?))  ; boolean

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

(define (unescape text)
  "TEXT of /proc/mounts, where blanks and backslashes are \\040 and the like."
  (match (string-index text #\\)
    (#f text)
    (i (let ((code (and (<= (+ i 4) (string-length text))
                        (string->number (substring text (+ i 1) (+ i 4)) 8))))
         (if code
             (string-append (substring text 0 i) (string (integer->char code))
                            (unescape (substring text (+ i 4))))
             (string-append (substring text 0 (+ i 1)) (unescape (substring text (+ i 1)))))))))

(define (line->mount line)
  (match (string-split line #\space)
    ((device point type options . _)
     (make-mount (unescape point) type (unescape device)
                 (and (member "rw" (string-split options #\,)) #t)))
    (_ #f)))

(define (read-mounts)
  "All mounts of the machine, the last one at each point."
  (let ((text (or (machine-file "/proc/self/mounts")
                  (raise-check-failed "/proc/self/mounts cannot be read"))))
    (define covered (make-hash-table))
    (fold (lambda (mount rest)
            (cond ((hash-ref covered (mount-point mount)) rest)
                  (else (hash-set! covered (mount-point mount) #t) (cons mount rest))))
          '()
          (reverse (filter-map line->mount (string-split text #\newline))))))

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
  (let ((kept (remove (lambda (mount) (left-out? mount ignored)) mounts)))
    (remove (lambda (mount) (or (shown-before? mount kept) (file-is-bound-there? mount))) kept)))

(define (service mount)
  (string-append "disk " (mount-point mount)))

(define (mount-data mount)
  `((mount . ,(mount-point mount)) (type . ,(mount-type mount)) (device . ,(mount-device mount))))

(define (space-report mount space was-writable? options)
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
     ((and was-writable? (not (mount-writable? mount)))
      (say 'critical "has become read-only, ~a % used" space-use))
     ((not (mount-writable? mount))
      (say 'ok "~a % used, read-only" space-use))
     ((and (not (eq? 'ok (level inode-use))) (>= inode-use space-use))
      (say (level inode-use) "~a % of its inodes used, ~a left" inode-use (of 'inodes-free)))
     (else
      (say (level space-use) "~a % used, ~a left" space-use left)))))

(define (look-at mount known? was-writable? options)
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
           (space-report mount space was-writable? options)))))

(define (gone-report point mounts)
  (report (string-append "disk " point) #:status 'unknown
          #:summary (string-append point (if (mounted? point mounts)
                                             " is mounted elsewhere too"
                                             " is not mounted any more"))
          #:data `((mount . ,point) (gone . #t))))

(define (mounted? point mounts)
  (any (lambda (mount) (string=? point (mount-point mount))) mounts))

(define (look options state)
  ;; The state is an alist of the points that were reported to whether they were ever writable.
  (let* ((mounts (read-mounts))
         (automatic (filter-map (lambda (mount)
                                  (and (string=? "autofs" (mount-type mount)) (mount-point mount)))
                                mounts))
         (watched (watched-mounts mounts (option-ref options 'ignore)))
         (seen (filter-map
                (lambda (mount)
                  (let* ((before (assoc (mount-point mount) (or state '())))
                         (made (look-at mount before (and before (cdr before)) options)))
                    (and made
                         (list made (mount-point mount)
                               (or (mount-writable? mount) (and before (cdr before)))))))
                watched))
         (gone (filter-map
                (match-lambda
                  ((point . _)
                   (and (not (mounted? point watched))
                        ;; An automounter comes and goes as it likes.
                        (not (any (lambda (directory) (below? point directory)) automatic))
                        (gone-report point mounts))))
                (or state '()))))
    (values (append (map first seen) gone)
            (map (match-lambda ((_ point writable?) (cons point writable?))) seen))))

(define (receive report)
  (let ((prefix (string-append "disk." (report-ref report "mount"))))
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
