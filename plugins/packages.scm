;;; packages.scm -- every installed package and its version.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog plugins packages)
  #:use-module (ice-9 binary-ports)
  #:use-module ((ice-9 exceptions) #:select (guard))
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (rnrs bytevectors)
  #:use-module (sheepdog plugin)
  #:use-module (srfi srfi-1))

(define dpkg-status "/var/lib/dpkg/status")
(define guix-profiles "/var/guix/profiles/per-user")
(define manifest-limit (mebibytes 4))

;;; dpkg

(define newline-byte 10)

(define (for-each-line port proc)
  "Call PROC with a bytevector, start and end for each line of PORT, without making a string of it.
Lines that are longer than 64 KiB are left out."
  (define size 65536)
  (define buffer (make-bytevector size))
  (let fill ((kept 0) (skipping? #f))
    (let* ((n (get-bytevector-n! port buffer kept (- size kept)))
           (end (if (eof-object? n) kept (+ kept n))))
      (let scan ((start 0) (i kept) (skipping? skipping?))
        (cond
         ((< i end)
          (if (= newline-byte (bytevector-u8-ref buffer i))
              (begin
                (unless skipping? (proc buffer start i))
                (scan (+ i 1) (+ i 1) #f))
              (scan start (+ i 1) skipping?)))
         ((eof-object? n)
          (unless (or skipping? (= start end)) (proc buffer start end)))
         ((and (= start 0) (= end size)) (fill 0 #t))
         (else
          (bytevector-copy! buffer start buffer 0 (- end start))
          (fill (- end start) skipping?)))))))

(define (field-matcher name)
  "A procedure that returns the value of the field NAME where the line that it is given is that
field, else #f."
  (let* ((label (string->utf8 (string-append name ": ")))
         (length (bytevector-length label)))
    (lambda (buffer start end)
      (and (> (- end start) length)
           (let same ((i 0))
             (or (= i length)
                 (and (= (bytevector-u8-ref label i) (bytevector-u8-ref buffer (+ start i)))
                      (same (+ i 1)))))
           (let ((value (make-bytevector (- end start length))))
             (bytevector-copy! buffer (+ start length) value 0 (- end start length))
             (utf8->string value))))))

(define package-field (field-matcher "Package"))
(define status-field (field-matcher "Status"))
(define version-field (field-matcher "Version"))
(define architecture-field (field-matcher "Architecture"))

(define (native-architecture)
  "What dpkg takes for this machine's own where it knows several, or #f."
  (let ((text (machine-file "/var/lib/dpkg/arch")))
    (and text (car (string-split text #\newline)))))

(define (read-dpkg)
  "An alist of package to version of what dpkg has installed, and a list of what it left half done."
  (define native (native-architecture))
  (define installed '())
  (define broken '())
  (define name #f)
  (define state #f)
  (define version #f)
  (define architecture #f)
  (define (key)
    (if (or (not native) (member architecture (list native "all" #f)))
        name
        (string-append name ":" architecture)))
  (define (end-of-package)
    (when (and name state)
      (match (string-tokenize state)
        ((_ flag now)
         (when (or (string=? flag "reinstreq")
                   (member now '("half-installed" "half-configured" "unpacked")))
           (set! broken (cons name broken)))
         (when (and version
                    (member now '("installed" "triggers-awaited" "triggers-pending"
                                  "half-configured" "unpacked")))
           (set! installed (acons (key) version installed))))
        (_ #f)))
    (set! name #f)
    (set! state #f)
    (set! version #f)
    (set! architecture #f))
  (call-with-input-file (machine-path dpkg-status)
    (lambda (port)
      (for-each-line port
        (lambda (buffer start end)
          (if (= start end)
              (end-of-package)
              ;; Only four letters begin a line that matters; a blank goes on with the one before.
              (case (integer->char (bytevector-u8-ref buffer start))
                ((#\P) (set! name (or (package-field buffer start end) name)))
                ((#\S) (set! state (or (status-field buffer start end) state)))
                ((#\V) (set! version (or (version-field buffer start end) version)))
                ((#\A) (set! architecture
                         (or (architecture-field buffer start end) architecture)))))))
      (end-of-package))
    #:binary #t)
  (values (reverse installed) (reverse broken)))

;;; Guix

(define (guix-manifests)
  "The manifests of the profiles of the system and of all users, as far as there are any."
  (filter (lambda (path) (stat (machine-path path) #f))
          (cons "/run/current-system/profile/manifest"
                (append-map
                 (lambda (user)
                   (map (lambda (profile) (string-append guix-profiles "/" user "/" profile))
                        '("guix-profile/manifest" "guix-home/profile/manifest")))
                 (or (scandir (machine-path guix-profiles)
                              (lambda (name) (not (string-prefix? "." name))))
                     '())))))

(define (entry->packages entry)
  "ENTRY of a manifest with what it brings along, as an alist."
  (match entry
    (((? string? name) (? string? version) (? string? output) _ . fields)
     (acons (if (string=? output "out") name (string-append name ":" output))
            version
            (append-map (match-lambda
                          (('propagated-inputs (? list? inputs)) (append-map entry->packages inputs))
                          (_ '()))
                        fields)))
    (_ '())))

(define (read-manifest path)
  "An alist of package to version of the manifest at PATH, #f where it is none.  It is data, and a
user's choice: never evaluated, and only what the store keeps is read at all."
  (and (string-prefix? (machine-path "/gnu/store/") (canonicalize-path (machine-path path)))
       (let ((text (machine-file path #:limit manifest-limit)))
         (match (and text (guard (_ (#t #f)) (call-with-input-string text read)))
           (('manifest ('version . _) ('packages (entries ...)) . _)
            (append-map entry->packages entries))
           (_ #f)))))

;;; Both

(define (add-packages packages table)
  "Add the alist PACKAGES to TABLE.  The first version of a package has its name; another one, of
another profile, is called NAME@VERSION."
  (for-each
   (match-lambda
     ((name . version)
      (let ((known (hash-ref table name)))
        (cond ((not known) (hash-set! table name version))
              ((string=? known version) #t)
              (else (hash-set! table (string-append name "@" version) version))))))
   packages))

(define (make-report)
  "The report about all packages of the machine."
  (define table (make-hash-table))
  (define manifests (guix-manifests))
  (define (read-guix)
    (filter (lambda (path)
              (let ((packages (read-manifest path)))
                (when packages (add-packages packages table))
                (not packages)))
            manifests))
  (receive-dpkg
   (lambda (installed broken)
     (add-packages installed table)
     (let* ((unread (read-guix))
            (packages (hash-map->list cons table)))
       (report "packages"
               #:status (if (and (null? broken) (null? unread)) 'ok 'warning)
               #:summary
               (string-append
                (format-count (length packages) "package")
                (if (null? broken) "" (string-append "; left half done: " (names broken)))
                (if (null? unread) "" (string-append "; cannot be read: " (names unread))))
               #:data `((packages . ,packages)))))))

(define (names all)
  (string-join (if (> (length all) 5) (append (take all 5) '("…")) all) ", "))

(define (receive-dpkg proc)
  (if (file-exists? (machine-path dpkg-status))
      (call-with-values read-dpkg proc)
      (proc '() '())))

(define (stamps)
  "What changes where packages change: for each file that tells of them, who and when it is."
  (filter-map (lambda (path)
                (let ((info (stat (machine-path path) #f)))
                  (and info
                       (list path (stat:dev info) (stat:ino info) (stat:size info)
                             (stat:mtime info) (stat:mtimensec info)))))
              (cons dpkg-status (guix-manifests))))

(define (look options state)
  ;; The state is when the last report was made, and the stamps of then.
  (let ((now (current-time))
        (files (stamps)))
    (match state
      ((time . before)
       (if (and (equal? files before) (< -1 (- now time) (option-ref options 'repeat)))
           (values '() state)
           (values (list (make-report)) (cons now files))))
      (#f
       ;; Where there is no package manager that we know, there is nothing to say.
       (values (if (null? files) '() (list (make-report)))
               (and (pair? files) (cons now files)))))))

(define-plugin packages
  "Tell the name and version of every installed package: of dpkg, and of Guix profiles."
  #:every (minutes 1)
  #:options ((repeat (days 1) duration? "How often all is told although nothing changed."))
  #:monitor look
  #:receiver
  (lambda (report)
    (list (status (report-status report))
          (facts 'package (report-ref report "packages")))))
