;;; indexed-test.scm -- what a relation is sought by has an index, in each binding pattern
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 match)
             (sheepdog query)
             (sheepdog query herd)
             (sheepdog query plan statement)
             (sheepdog query relation)
             (sheepdog small-herd)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

;; Whoever knows one of these of a relation finds its rows without reading a whole table.
(define sought-by
  '((hosto host)
    (facto host key) (fact-duringo host key)
    (packageo host package) (package-duringo host package)
    (serviceo host service) (statuso host service status) (stateo host service status)
    (interruptiono host service since)
    (incidento host service) (expectationo host service)
    (reporto id host service time) (evento host service name)
    (runo id host service started) (run-useo id) (run-signalo id)
    (sampleo host)))

(define (call relation terms)
  (apply (eval (relation-name relation) (resolve-module '(sheepdog query))) terms))

(define (some-row relation)
  (match (run 1 (row)
           (let with-variables ((columns (relation-columns relation)) (terms '()))
             (if (null? columns)
                 (fresh () (== row (reverse terms)) (call relation (reverse terms)))
                 (fresh (new) (with-variables (cdr columns) (cons new terms))))))
    ((row) row)))

(define (scans relation known)
  "The steps in which SQLite reads a whole table where the arguments of RELATION are KNOWN, a list with #f
for what is not."
  (define found '())
  (parameterize ((current-observer
                  (lambda (sql parameters goals)
                    (set! found (append (map third (query-plan sql parameters)) found))
                    (const #t))))
    (run 1 (answer)
      (let with-variables ((known known) (terms '()))
        (match known
          (() (fresh () (== answer 'found) (call relation (reverse terms))))
          ((#f . rest) (fresh (new) (with-variables rest (cons new terms))))
          ((value . rest) (with-variables rest (cons value terms)))))))
  (filter (lambda (step) (string-prefix? "SCAN" step)) found))

(define (patterns row)
  (match row
    (() '(()))
    ((value . rest)
     (append-map (lambda (tail) (list (cons value tail) (cons #f tail))) (patterns rest)))))

(define (scanned-patterns relation)
  "The names of what is known in each pattern that reads a whole table though it could be sought."
  (define names (map column-name (relation-columns relation)))
  (define columns (assq-ref sought-by (relation-name relation)))
  (filter-map (lambda (pattern)
                (let ((known (filter-map (lambda (name value) (and value name)) names pattern)))
                  (and (pair? (lset-intersection eq? known columns))
                       (pair? (scans relation pattern))
                       known)))
              (patterns (some-row relation))))

(call-with-small-herd
 (lambda (path)
   (test-suite "indexed"
     (open-herd path)
     (test-equal "each relation is sought by something"
       '() (lset-xor eq? (map relation-name (store-relations)) (map car sought-by)))
     (for-each (lambda (relation)
                 (test-equal (symbol->string (relation-name relation))
                   '() (scanned-patterns relation)))
               (store-relations))
     (test-assert "and what has no index is found to be read whole"
       (pair? (scans (store-relation 'reporto) '(#f #f #f #f #f critical #f)))))))
