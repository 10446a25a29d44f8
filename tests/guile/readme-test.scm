;;; readme-test.scm -- README.org names every setting and relation there is, and no other setting.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 regex)
             (ice-9 textual-ports)
             (sheepdog config)
             (sheepdog notifier command)
             (sheepdog notifier email)
             (sheepdog option)
             (sheepdog plugin-loader)
             (sheepdog query)
             ((sheepdog query relation) #:select (relation-name relation-columns column-name
                                                  store-relations))
             (sheepdog retention)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define text
  (call-with-input-file (string-append (getenv "SHEEPDOG_SOURCE") "/README.org")
    (lambda (port) (set-port-encoding! port "UTF-8") (get-string-all port))))

(define (chapter heading)
  "What is under HEADING."
  (let ((begin (string-contains text (string-append "\n* " heading "\n"))))
    (substring text begin (string-contains text "\n* " (+ begin 1)))))

(define reference (chapter "Configuration"))

(define named
  (delete-duplicates
   (map (lambda (found) (match:substring found 1))
        (list-matches "=#:([a-z-]+)[ =]" reference))))

(define (names options)
  (map (lambda (option) (symbol->string (option-name option))) options))

(define declared
  (delete-duplicates
   (append (names (@@ (sheepdog config) settings))
           (names retention-settings)
           (names (@@ (sheepdog notifier command) declared))
           (names (@@ (sheepdog notifier email) declared)))))

(define (relation->form relation)
  (format #f "=~a=" (cons (relation-name relation)
                          (map column-name (relation-columns relation)))))

(test-suite "README"
  (test-equal "settings that the reference lacks" '() (lset-difference string=? declared named))
  (test-equal "settings that there are none of" '() (lset-difference string=? named declared))
  (test-equal "plugins that it lacks" '()
    (remove (lambda (name) (string-contains reference (string-append "=" (symbol->string name) "=")))
            (builtin-plugin-names)))
  (test-equal "relations that the chapter on questions lacks" '()
    (remove (lambda (form) (string-contains (chapter "Questions") form))
            (map relation->form (store-relations)))))
