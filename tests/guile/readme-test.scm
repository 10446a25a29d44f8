;;; readme-test.scm -- README.org names every setting there is, and no other, and has the reference of questions.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 regex)
             (ice-9 textual-ports)
             (sheepdog config)
             (sheepdog notifier command)
             (sheepdog notifier email)
             (sheepdog option)
             (sheepdog plugin-loader)
             (sheepdog query reference)
             (sheepdog query reference-text)
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

;; Where it is another one, this is what belongs there.
(define (table-of-questions chapter)
  "The lines of CHAPTER from the first group of the reference to the end of its table."
  (let ((heading (string-contains chapter (format #f "| /~a/" (caar (reference-groups))))))
    (and heading
         (substring chapter
                    ;; The rule above the heading.
                    (+ 1 (string-rindex chapter #\newline 0 (- heading 1)))
                    (+ 1 (or (string-contains chapter "\n\n" heading)
                             (- (string-length chapter) 1)))))))

(test-suite "README"
  (test-equal "settings that the reference lacks" '() (lset-difference string=? declared named))
  (test-equal "settings that there are none of" '() (lset-difference string=? named declared))
  (test-equal "plugins that it lacks" '()
    (remove (lambda (name) (string-contains reference (string-append "=" (symbol->string name) "=")))
            (builtin-plugin-names)))
  (test-equal "types of the options of questions that it lacks" '()
    (remove (lambda (type) (string-contains (chapter "Asking") (format #f "=~a=" type)))
            (map (@@ (sheepdog query asking parameter) type-name) (@@ (sheepdog query asking parameter) types))))
  (test-equal "the table of what questions are made of is as it is declared"
    (reference->org (reference-groups))
    (table-of-questions (chapter "Asking"))))
