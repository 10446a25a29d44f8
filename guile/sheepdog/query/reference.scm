;;; reference.scm -- what questions are made of, from the declarations, and as people read it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; `sheepdog query --relations', the man page sheepdog-relations(7) and the table in README.org are all
;;; made from these entries; tests/guile/reference-test.scm asks every example.
(define-module (sheepdog query reference)
  #:use-module (ice-9 match)
  #:use-module (ice-9 regex)
  #:use-module (sheepdog kanren)
  #:use-module (sheepdog query)
  #:use-module (sheepdog query form)
  #:use-module (sheepdog query operation)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query type)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9 gnu)
  #:export (reference-groups reference-entries find-entry relation-forms->entries
            entry-name entry-usage entry-doc entry-arguments entry-examples
            entry-summary))

(define-immutable-record-type <entry>
  (make-entry name usage doc arguments examples)
  entry?
  (name entry-name)            ; symbol
  (usage entry-usage)          ; how it is written, a list or a symbol
  (doc entry-doc)              ; string: what it means
  (arguments entry-arguments)  ; list of (NAME DOC): a symbol, and what it is and may be, a sentence
  (examples entry-examples))   ; list of Scheme: definitions and a question; empty where there is none

(define (entry-summary entry)
  "The first sentence of what ENTRY means, on one line."
  (let ((doc (entry-doc entry)))
    (match (string-match "[.](  | ?$)" doc)
      (#f doc)
      (end (substring doc 0 (+ 1 (match:start end)))))))

;;; What is declared with the rest.

(define (one-line text)
  (string-join (string-split text #\newline) " "))

(define (relation->entry relation)
  (make-entry (relation-name relation)
              (cons (relation-name relation) (map column-name (relation-columns relation)))
              (one-line (relation-doc relation))
              (map (lambda (column)
                     (list (column-name column)
                           (format #f "~a: ~a." (string-trim-right (column-doc column) #\.)
                                   (type-doc (column-type column)))))
                   (relation-columns relation))
              (list (relation-example relation))))

(define (operation->entry operation)
  (make-entry (operation-name operation)
              (cons (operation-name operation) (operation-arguments operation))
              (one-line (operation-doc operation))
              '()
              (list (operation-example operation))))

(define (documented name)
  "The docstring of NAME in (sheepdog query), without how it is written at its beginning."
  (let* ((value (module-ref (resolve-interface '(sheepdog query)) name))
         (doc (procedure-documentation (if (macro? value) (macro-transformer value) value))))
    (one-line
     (match (string-match "^\\([^:]*\\): " doc)
       (#f (capitalized (without-the-goal doc)))
       (usage (capitalized (without-the-goal (match:suffix usage))))))))

(define (without-the-goal doc)
  "DOC, without words that say only that it is of a goal."
  (match (string-match "^([Tt]he|Return the) goal that (it )?" doc)
    (#f doc)
    (words (match:suffix words))))

(define (capitalized text)
  (string-append (string-upcase (substring text 0 1)) (substring text 1)))

(define (form->entry name)
  (make-entry name (form-usage name) (documented name) '() (list (form-example name))))

;;; What has its example here.

(define asking
  ;; How each is written; what it means, #f: as its docstring says; and an example.
  '(((run* (VARIABLE ...) GOAL ...)
     "All values of the VARIABLEs for which every GOAL holds; a GOAL is a relation, a comparison, or \
another of these forms."
     (run* (host service) (fresh (since) (statuso host service 'ok since))))
    ((run N (VARIABLE ...) GOAL ...)
     "The first N answers that are found."
     (run 2 (host service) (fresh (since) (statuso host service 'ok since))))
    ((define-relation (NAME ARGUMENT ...) "What it says." GOAL ...)
     "A relation of your own: (NAME ARGUMENT ...) holds where every GOAL does.  It is used as the ones \
that come with Sheepdog, and may use itself."
     (define-relation (troubled-hosto host)
       "Something was broken on HOST in the last month."
       (hosto host)
       (someo (fresh (service since until)
                (interruptiono host service since until)
                (>o until (ago (days 30))))))
     (run* (host) (troubled-hosto host)))
    ((defrel (NAME ARGUMENT ...) GOAL ...)
     "As define-relation, as textbooks of miniKanren write it."
     (defrel (pairo host other) (hosto host) (hosto other) (=/= host other))
     (run* (host other) (pairo host other)))))

(define minikanren
  '(((== A B)
     "A and B are the same."
     (run* (host kernel) (== host "tux01") (facto host 'host.kernel kernel)))
    ((=/= A B)
     "A and B are different, and stay so whatever becomes known of them."
     (run* (host service status)
       (fresh (since) (statuso host service status since) (=/= status 'ok))))
    ((symbolo X)
     "X is a symbol, such as now, ok or critical."
     ;; Interruptions that last.
     (run* (host service)
       (fresh (since until) (interruptiono host service since until) (symbolo until))))
    ((numbero X)
     "X is a number."
     (run* (host key value) (facto host key value) (numbero value)))
    ((stringo X)
     "X is a string."
     (run* (host key value) (facto host key value) (stringo value)))
    ((absento A X)
     "A is nowhere in X, neither as X itself nor as a part of a list."
     (run* (host service status)
       (fresh (since) (statuso host service status since) (absento 'ok status))))
    ((matche X (PATTERN GOAL ...) ...)
     "X has the form of some PATTERN, in which ,NAME is a new variable, and every GOAL beside it holds."
     (run* (host service status)
       (fresh (since) (statuso host service status since) (matche status (warning) (unknown)))))
    (succeed
     "The goal that always holds."
     (run* (host) (hosto host) succeed))
    (fail
     "The goal that never holds."
     (run* (host) (conde ((hosto host)) (fail))))))

(define times
  '(((ago LENGTH)
     "The time that is LENGTH before now, such as (ago (days 30)): seconds since the epoch."
     (run* (host service since until)
       (interruptiono host service since until) (>o until (ago (days 30)))))
    ((at "YYYY-MM-DD HH:MM")
     "This time, in your zone, or with a Z at its end in UTC; without HH:MM the midnight: seconds since \
the epoch."
     (run* (host service since until)
       (interruptiono host service since until) (>o until (at "2026-10-01 14:30"))))
    ((today)
     "The time of the last midnight, in your zone: seconds since the epoch."
     (run* (host service since)
       (fresh (status) (statuso host service status since) (<o since (today)))))))

(define (unit-examples names example)
  (map (lambda (name) (list (list name 'N) #f (example name))) names))

(define units
  (append
   (unit-examples '(milliseconds seconds minutes hours days weeks)
                  (lambda (unit)
                    `(run* (host service length)
                       (fresh (since until)
                         (interruptiono host service since until)
                         (durationo since until length)
                         (>o length (,unit 1))))))
   (unit-examples '(kibibytes mebibytes gibibytes tebibytes)
                  (lambda (unit)
                    `(run* (host memory)
                       (facto host 'host.memory memory)
                       (,(if (eq? unit 'tebibytes) '<o '>o) memory (,unit 1)))))))

(define said->entry
  (match-lambda
    ((usage doc . examples)
     (let ((name (if (pair? usage) (car usage) usage)))
       (make-entry name usage (or doc (documented name)) '() examples)))))

;;; All of it.

(define (reference-groups)
  "All that questions are made of: a list of (HEADING ENTRY ...), HEADING a string."
  `(("What the store knows" ,@(map relation->entry (store-relations)))
    ("Comparisons, of what other goals find" ,@(map operation->entry (operations 'comparison)))
    ("Computations, with what other goals find" ,@(map operation->entry (operations 'computation)))
    ("Goals made of goals" ,@(map form->entry (goal-forms)))
    ("Questions, and relations of your own" ,@(map said->entry asking))
    ("What holds of any values" ,@(map said->entry minikanren))
    ("Times" ,@(map said->entry times))
    ("Units" ,@(map said->entry units))))

(define (reference-entries)
  "The entries of all groups."
  (append-map cdr (reference-groups)))

(define (find-entry entries name)
  "The one of ENTRIES, a list, with NAME, a symbol; or #f."
  (find (lambda (entry) (eq? name (entry-name entry))) entries))

(define (relation-forms->entries forms)
  "Entries of the relations that FORMS, data, define."
  (filter-map (match-lambda
                (((or 'define-relation 'defrel) ((? symbol? name) (? symbol? arguments) ...) . body)
                 (make-entry name (cons name arguments)
                             (match body
                               (((? string? doc) _ . _) (one-line doc))
                               (_ "It has no docstring."))
                             '() '()))
                (_ #f))
              forms))
