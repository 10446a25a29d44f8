;;; growth.scm -- the five questions on 0.1, 1 and 10 million reports, beside their SQL.
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (herd five)
             (herd measure)
             (ice-9 format)
             (sheepdog query)
             (sheepdog store))

(define %sizes '(100000 1000000 10000000))

(define (measure-size reports)
  "For each question a list of its times, ours and of SQL, and the rows."
  (let* ((file (herd-file reports))
         (reader (open-reader file))
         (herd (open-herd file))
         (times (map (lambda (question)
                       (call-with-values (lambda () (measure-question question reader 11)) list))
                     (five-questions))))
    (close-herd herd)
    (close-reader reader)
    times))

(define (main)
  (let ((sizes (map measure-size %sizes)))
    (format #t "~16a~{~35@a~}~%" "reports" %sizes)
    (for-each
     (lambda (question . times)
       (format #t "~16a~{~a~}~%" (question-name question)
               (map (lambda (time)
                      (format #f "~9@a ms SQL ~7@a ms ~6@a rows"
                              (show-number (car time)) (show-number (cadr time)) (caddr time)))
                    times)))
     (five-questions) (car sizes) (cadr sizes) (caddr sizes))))

(main)
