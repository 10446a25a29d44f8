;;; packages-test.scm -- the packages of a made-up machine, and of this one.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 receive)
             (sheepdog machine)
             (sheepdog plugin)
             (sheepdog plugin-test)
             ((sheepdog plugins packages) #:prefix plugin:)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define* (package name version #:key (status "install ok installed") (architecture "amd64")
                  (more ""))
  (string-append "Package: " name "\nStatus: " status "\nPriority: optional\nMaintainer: J\xf6rg\n"
                 "Architecture: " architecture "\nVersion: " version "\n" more
                 "Description: a package\n Version: 0 is not a field here\n\n"))

(define nginx (package "nginx" "1.22.1-9"))
(define bash (package "bash" "5.2.15-2+b2"))

(define* (dpkg . packages)
  `(("/var/lib/dpkg/status" . ,(string-concatenate packages))))

(define (facts-of files)
  (call-with-machine files (lambda () (facts-now))))

(define (facts-now)
  (sort (vector-ref (second (receive-report plugin:packages (car (look-with plugin:packages)))) 2)
        (lambda (a b) (string<? (car a) (car b)))))

(define (told files)
  (call-with-machine files (lambda () (map report->list (look-with plugin:packages)))))

(define (link-manifest profile manifest)
  "Make PROFILE, a path of the machine, lead to an item of the store that holds MANIFEST."
  (let ((item (string-append "/gnu/store/" (number->string (string-hash manifest)) "-profile")))
    (write-machine-file (string-append item "/manifest") manifest)
    (write-machine-file (string-append (dirname profile) "/.keep") "")
    (symlink (machine-path item) (machine-path profile))))

(define system-manifest "(manifest (version 4)
  (packages ((\"nginx\" \"1.24.0\" \"out\" \"/gnu/store/a-nginx-1.24.0\")
             (\"git\" \"2.41.0\" \"send-email\" \"/gnu/store/b-git\"
              (propagated-inputs ((\"perl\" \"5.36.0\" \"out\" \"/gnu/store/c-perl\")
                                  (repeated \"glibc\" \"2.35\" \"/gnu/store/d-glibc\")))
              (search-paths ())
              (properties (provenance ()))))))")

(define user-manifest "(manifest (version 3)
  (packages ((\"nginx\" \"1.26.0\" \"out\" \"/gnu/store/e-nginx\" (propagated-inputs ()) (search-paths ()))
             (\"perl\" \"5.36.0\" \"out\" \"/gnu/store/c-perl\" (propagated-inputs ()) (search-paths ())))))")

(test-suite "packages"
  (test-equal "what dpkg has installed"
    '(("bash" . "5.2.15-2+b2") ("nginx" . "1.22.1-9"))
    (facts-of (dpkg nginx bash)))

  (test-equal "complete facts, so that what is uninstalled ends"
    (list (status 'ok) (facts 'package '(("nginx" . "1.22.1-9"))))
    (call-with-machine (dpkg nginx)
      (lambda () (receive-report plugin:packages (car (look-with plugin:packages))))))

  (test-equal "in a line"
    '(("packages" ok "2 packages"))
    (told (dpkg nginx bash)))

  (test-equal "what was removed is not installed"
    '(("bash" . "5.2.15-2+b2"))
    (facts-of (dpkg (package "nginx" "1" #:status "deinstall ok config-files")
                    (package "exim4" "1" #:status "purge ok not-installed")
                    bash)))

  (test-equal "what waits for a trigger is"
    '(("man-db" . "2.11"))
    (facts-of (dpkg (package "man-db" "2.11" #:status "install ok triggers-pending"))))

  (test-equal "what was left half done is a warning"
    '(("packages" warning "1 package; left half done: nginx, exim4"))
    (told (dpkg (package "nginx" "1" #:status "install ok half-configured")
                (package "exim4" "1" #:status "install reinstreq half-installed"))))

  (test-equal "a foreign architecture is part of the name"
    '(("libc6" . "2.36") ("libc6:i386" . "2.36") ("tzdata" . "2024a"))
    (facts-of `(("/var/lib/dpkg/arch" . "amd64\ni386\n")
                ,@(dpkg (package "libc6" "2.36" #:architecture "i386")
                        (package "libc6" "2.36")
                        (package "tzdata" "2024a" #:architecture "all")))))

  (test-equal "a file without a last newline, and one with several empty lines"
    '(("bash" . "5") ("nginx" . "1"))
    (facts-of (dpkg "Package: nginx\nStatus: install ok installed\nVersion: 1\n\n\n\n"
                    "Package: bash\nStatus: install ok installed\nVersion: 5")))

  (test-equal "long lines, and fields on both sides of every buffer's end"
    4001
    (length
     (facts-of
      (dpkg (package "first" "1" #:more (string-append "Conffiles: " (make-string 200000 #\x) "\n"))
            (string-concatenate
             (map (lambda (i) (package (format #f "package-~a" i) (format #f "~a.0" i)))
                  (iota 4000)))))))

  (test-equal "Guix: the system's and the users' profiles, and what they bring along"
    '(("git:send-email" . "2.41.0") ("nginx" . "1.24.0") ("nginx@1.26.0" . "1.26.0")
      ("perl" . "5.36.0"))
    (call-with-machine '()
      (lambda ()
        (link-manifest "/run/current-system/profile" system-manifest)
        (link-manifest "/var/guix/profiles/per-user/ada/guix-profile" user-manifest)
        (facts-now))))

  (test-equal "dpkg's version has the name, where both have a package"
    '(("nginx" . "1.22.1-9") ("nginx@1.26.0" . "1.26.0") ("perl" . "5.36.0"))
    (call-with-machine (dpkg nginx)
      (lambda ()
        (link-manifest "/var/guix/profiles/per-user/ada/guix-profile" user-manifest)
        (facts-now))))

  (test-equal "a manifest that is none is said, and the rest is told"
    '(("packages" warning "1 package; cannot be read: \
/var/guix/profiles/per-user/ada/guix-profile/manifest, \
/var/guix/profiles/per-user/eve/guix-profile/manifest, \
/var/guix/profiles/per-user/tom/guix-profile/manifest"))
    (call-with-machine (dpkg nginx)
      (lambda ()
        (link-manifest "/var/guix/profiles/per-user/ada/guix-profile" "(manifest (version 3) (pack")
        (link-manifest "/var/guix/profiles/per-user/tom/guix-profile" "(manifest (version 99) ())")
        ;; What is not in the store is whatever its user wrote there.
        (write-machine-file "/var/guix/profiles/per-user/eve/guix-profile/manifest" user-manifest)
        (map report->list (look-with plugin:packages)))))

  (test-equal "a manifest is never evaluated"
    #f
    (call-with-machine '()
      (lambda ()
        (let ((trace (machine-path "/trace")))
          (link-manifest "/var/guix/profiles/per-user/eve/guix-profile"
                         (format #f "#.(mkdir ~s)" trace))
          (look-with plugin:packages)
          (file-exists? trace)))))

  (test-equal "all is told once, and again when it changed or a day has passed"
    '((told) () (changed) () (repeated))
    (call-with-machine (dpkg nginx)
      (lambda ()
        (let ((state #f) (name #f))
          (define (round name)
            (receive (reports new) (look-again plugin:packages state)
              (set! state new)
              (map (const name) reports)))
          (let* ((a (round 'told))
                 (b (round 'unchanged))
                 (c (begin (write-machine-file "/var/lib/dpkg/status" (string-append nginx bash))
                           (round 'changed)))
                 (d (round 'unchanged))
                 (e (begin (set! state (cons (- (car state) (days 1)) (cdr state)))
                           (round 'repeated))))
            (list a b c d e))))))

  (test-equal "a machine without any package manager says nothing"
    '()
    (told '()))

  (test-assert "this machine"
    (every (lambda (report)
             (every (lambda (fact) (and (string? (car fact)) (string? (cdr fact))))
                    (vector-ref (second (receive-report plugin:packages report)) 2)))
           (look-with plugin:packages))))
