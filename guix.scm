;;; guix.scm -- the package for Guix, and its development shell: guix shell -D -f guix.scm
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (guix build-system cmake)
             (guix gexp)
             (guix git-download)
             ((guix licenses) #:prefix license:)
             (guix packages)
             (guix utils)
             (gnu packages check)
             (gnu packages cpp)
             (gnu packages curl)
             (gnu packages databases)
             (gnu packages guile)
             (gnu packages libevent)
             (gnu packages linux)
             (gnu packages nettle)
             (gnu packages ninja)
             (gnu packages pkg-config)
             (gnu packages pretty-print)
             (gnu packages python)
             (gnu packages sqlite))

(define tracked?
  ;; What git knows; all there is where this is no checkout.
  (or (git-predicate (current-source-directory)) (const #t)))

(package
  (name "sheepdog")
  (version "0.1.0")
  (source (local-file "." "sheepdog-checkout" #:recursive? #t
                      #:select? tracked?))
  (build-system cmake-build-system)
  (arguments
   (list #:configure-flags #~(list "-GNinja" "-DSHEEPDOG_CORE_TESTS=OFF")
         ;; The tests start Redis and mail servers of their own and want a writable home.
         #:tests? #f
         #:phases
         #~(modify-phases %standard-phases
             (replace 'build
               (lambda* (#:key parallel-build? #:allow-other-keys)
                 (invoke "cmake" "--build" "." "-j"
                         (if parallel-build? (number->string (parallel-job-count)) "1"))))
             (replace 'install
               (lambda _ (invoke "cmake" "--install" "."))))))
  (native-inputs (list googletest ninja pkg-config python redis strace))
  (inputs (list curl fmt guile-3.0 hiredis libuv nettle nlohmann-json simdjson sqlite))
  (home-page "https://github.com/pjotrp/sheepdog")
  (synopsis "Monitor of a herd of machines that answers questions")
  (description
   "Sheepdog wraps cron jobs, watches machines and the services on them, is silent until something
is really wrong, remembers everything that changed and answers questions about it in miniKanren.")
  (license license:gpl3+))
