;;; sql-text-test.scm -- statements of SQL on lines that people can read.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (ice-9 regex)
             (sheepdog query sql-text)
             (sheepdog test)
             (srfi srfi-1)
             (srfi srfi-64))

(define nested "SELECT h.name, coalesce(s.until, ?) FROM host h CROSS JOIN state s WHERE h.host_id = s.host_id \
AND s.since BETWEEN ? AND ? AND h.name <> 'x AND y FROM (z' AND CASE WHEN a AND b THEN 1 END AND NOT EXISTS \
(SELECT 1 FROM interruption i WHERE i.host_id = h.host_id AND (i.until IS NULL OR i.until > ?)) ORDER BY 1 LIMIT 5")

(define long (string-append "SELECT " (string-join (map number->string (iota 60)) ", ") " FROM host h WHERE h.name IN ("
                            (string-join (make-list 60 "'it''s'") ", ") ")"))

(define (words text) (string-join (map match:substring (list-matches "[^ \n]+" text)) " "))

(test-suite "SQL for people"
  (test-equal "a short one" '("SELECT h.name" "FROM host h") (sql->lines "SELECT h.name FROM host h"))
  (test-equal "each condition has a line, what is in parentheses one of its own where it fits"
    '("SELECT h.name, coalesce(s.until, ?)"
      "FROM host h"
      "CROSS JOIN state s"
      "WHERE h.host_id = s.host_id"
      "  AND s.since BETWEEN ? AND ?"
      "  AND h.name <> 'x AND y FROM (z'"
      "  AND CASE WHEN a AND b THEN 1 END"
      "  AND NOT EXISTS (SELECT 1"
      "      FROM interruption i"
      "      WHERE i.host_id = h.host_id"
      "        AND (i.until IS NULL OR i.until > ?))"
      "ORDER BY 1"
      "LIMIT 5")
    (sql->lines nested))
  (for-each
   (lambda (sql)
     (test-equal "nothing is lost" (words sql) (words (string-join (sql->lines sql) "\n")))
     (test-assert "no line is long" (every (lambda (line) (<= (string-length line) 96)) (sql->lines sql))))
   (list nested long)))
