;;; mistake.scm -- what a question did wrong, and where, from the error that came of it.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking mistake)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 format)
  #:use-module (ice-9 match)
  #:use-module (sheepdog error)
  #:use-module ((sheepdog kanren extend) #:select (var?))
  #:use-module (sheepdog located)
  #:use-module (sheepdog query)
  #:use-module (sheepdog query form)
  #:use-module (sheepdog query asking goal-text)
  #:use-module (sheepdog query asking shape)
  #:use-module (sheepdog query asking slip)
  #:use-module (srfi srfi-1)
  #:export (question-mistake))

(define (question-mistake exception forms)
  "What is wrong with the question FORMS that raised EXCEPTION, as a pair of the place or #f and of
one line; #f where it is not its fault."
  (match (cons (exception-kind exception) (exception-args exception))
    (('unbound-variable _ _ (name) . _)
     (cons (place-of-free forms name) (unbound-explanation name forms)))
    (('syntax-error who message source form subform . _)
     (cons (or (if (symbol? form)
                   (place-of-free forms form)
                   (place-of-equal forms (as-written form)))
               (and (list? source) (source-location source)))
           (syntax-explanation form message)))
    (('wrong-number-of-args _ _ ((? procedure? procedure) . _) . _)
     (cons (place-of-call forms procedure)
           (format #f "~a is given a wrong number of arguments"
                   (or (procedure-name procedure) "a goal or procedure"))))
    (((or 'wrong-type-arg 'wrong-number-of-args 'misc-error 'out-of-range 'numerical-overflow)
      (and who (? (lambda (_) (exception-with-message? exception)))) . _)
     (let ((name (and (string? who) (string->symbol who))))
       (or (and name (any var? (irritants exception)) (unknown-number name forms))
           (and (memq name '(+ -)) (memq 'now (irritants exception))
                (cons (place-of-caller forms name '(now))
                      (format #f "~a is Scheme's, and computes with numbers, which now is not; the time an hour \
before now is written (ago (hours 1))" name)))
           (cons (and name (place-of-caller forms name (irritants exception)))
                 (string-append (if name (string-append who ": ") "")
                                (exception->text (without-variables exception)))))))
    (((or 'wrong-type-arg 'out-of-range) (= (lambda (value) (call-with-argument forms value)) (? pair? call)))
     ;; Raised with no more than the argument, as by iota.
     (cons (place-of call)
           (format #f "~a: ~s is an argument that cannot be" (car call)
                   (shortened (last (exception-args exception))))))
    (((? raised-by-question? key) . _)
     (cons #f (if (exception-with-message? exception)
                  (exception->text exception)
                  (format #f "the question raised ~a~{ ~s~}" key
                          (map shortened (exception-args exception))))))
    (_
     (cond ((question-error? exception)
            (cons (question-error-place exception) (exception->text exception)))
           ((not (exception? exception))
            (cons #f (format #f "the question raised ~s" (shortened exception))))
           (else #f)))))

(define (raised-by-question? key)
  ;; Nothing of ours and of Guile's that is no mistake of the question has another key.
  (not (memq key '(%exception quit signal system-error question-too-long out-of-memory stack-overflow))))

(define (place-of-call forms procedure)
  (let search ((form forms))
    (and (pair? form)
         (if (and (procedure-name procedure) (eq? (car form) (procedure-name procedure)))
             (place-of form)
             (let try ((rest form))
               (and (pair? rest) (or (search (car rest)) (try (cdr rest)))))))))

(define (calls-of name forms)
  "The lists in FORMS that call NAME, in their order."
  (let find-calls ((form forms))
    (match form
      (('quote . _) '())
      ((first . rest)
       (append (if (and (eq? name first) (place-of form)) (list form) '())
               (find-calls first)
               (find-calls rest)))
      (_ '()))))

(define (unknown-number name forms)
  "What is wrong with FORMS, as of question-mistake, where the procedure NAME was given a variable of the
search; #f where it computes nothing."
  ;; To Guile each comparison is one by <.
  (define names (if (memq name '(< <= > >=)) '(< <= > >=) (list name)))
  (define call
    (match (filter (lambda (call) (and (list? call) (any symbol? (cdr call))))
                   (append-map (lambda (name) (calls-of name forms)) names))
      ((call) call)
      (_ #f)))
  (and=> (explain-unknown-number (if call (car call) name) call forms)
         (lambda (text) (cons (place-of call) text))))

(define (call-with-argument forms value)
  "The first list in FORMS that has VALUE among its arguments; #f where there is none, or where it is raised."
  (let search ((form forms))
    (match form
      (((or 'quote 'throw) . _) #f)
      ((first . rest)
       (or (and (symbol? first) (list? form) (place-of form) (member value rest) form)
           (search first)
           (search rest)))
      (_ #f))))

(define (place-of-caller forms name values)
  "Where in FORMS the procedure called NAME is given one of VALUES as it is written, or where it is called
at all, if that is one place; else #f."
  (define calls (calls-of name forms))
  (define (given? call)
    (any (lambda (argument)
           (member (match argument (('quote value) value) (_ argument)) values))
         (if (list? call) (cdr call) '())))
  (match (filter given? calls)
    ((call . _) (place-of call))
    (() (match calls
          ((call) (place-of call))
          (_ #f)))))

(define (without-variables exception)
  "EXCEPTION with words for the variables of the search among what it is about."
  (define (shown x)
    (cond ((var? x) 'a-variable-without-value)
          ((pair? x) (cons (shown (car x)) (shown (cdr x))))
          (else x)))
  (if (exception-with-irritants? exception)
      (make-exception (make-exception-with-message (exception-message exception))
                      (make-exception-with-irritants
                       (shown (map shortened (irritants exception)))))
      exception))

;;; Names that stand for nothing.

(define (unbound-explanation name forms)
  (define text (symbol->string name))
  (define called-here? (any (lambda (form) (called? name form)) forms))
  (define known
    ;; What is called is no variable, and what is an argument is no relation.
    (map symbol->string
         (delete name (if called-here?
                          (append (interface-names '(sheepdog query)) (names-in forms defined))
                          (append '(succeed fail) (names-in forms names-bound))))))
  (define near
    (or (find (lambda (other) (string-ci=? text other)) known)
        ;; Any two short names are near to each other.
        (near-miss text (filter (lambda (other) (> (string-length other) 2)) known))))
  (cond ((memq name '(ok warning critical unknown missing now running succeeded failed timed-out
                         vanished cancelled))
         (format #f "there is no variable ~a; the symbol is written '~a" name name))
        ;; Written as people write a size, a length of time or a date.
        ((char-numeric? (string-ref text 0))
         (format #f "~a is no number; a size is written as (gibibytes 8), a length of time as (days 30), a \
date as (at \"2026-10-01\"), and a text as ~s" text text))
        ((char-set-contains? printed-quotes (string-ref text 0))
         (format #f "~a is in quotation marks of print; a text is written ~s" text
                 (string-trim-both text printed-quotes)))
        ((assq-ref meant name)
         => (lambda (right) (format #f "there is no ~a; write ~a" text right)))
        (near (format #f "there is no ~a; did you mean ~a?" text near))
        (called-here? (format #f "there is no relation or procedure ~a" text))
        (else
         (format #f "there is no ~a; a text is written ~s, and a variable is listed, in run* or in \
(fresh (~a) ...)"
                 text text text))))

(define meant
  ;; Names of other languages, and what they are here.
  '((yesterday . "(ago (days 1))") (tomorrow . "(+ (today) (days 1))")
    (desc . "(ordero ((> VARIABLE)) GOAL ...) for greatest first")
    (asc . "(ordero ((< VARIABLE)) GOAL ...) for smallest first")
    (membero . "(conde ((== x 'a)) ((== x 'b))) for one of several values, or define it with defrel")
    (month . "(days 30)") (months . "(days 30)") (year . "(days 365)") (years . "(days 365)")
    (!= . "(=/= a b)") (<> . "(=/= a b)") (/= . "(=/= a b)")))

;; What a word processor makes of a quotation mark.
(define printed-quotes (string->char-set "\u201c\u201d\u201e\u2018\u2019\u201a\xab\xbb\xb4"))

(define (called? name form)
  "True where a list in FORM that is neither data nor names of variables begins with NAME."
  (define (called-in? rest)
    (and (pair? rest) (or (called? name (car rest)) (called-in? (cdr rest)))))
  (match form
    ((? quoted?) #f)
    (((? (lambda (head) (eq? head name))) . _) #t)
    (((or 'run* 'fresh 'project) _ . rest) (called-in? rest))
    (('run limit _ . rest) (or (called? name limit) (called-in? rest)))
    ((first . rest) (or (called? name first) (called-in? rest)))
    (_ #f)))

(define (names-in forms names-of)
  "What (NAMES-OF FORM), a list, has for all FORM in FORMS that are no data."
  (match forms
    (('quote . _) '())
    ((first . rest) (append (names-of forms) (names-in first names-of) (names-in rest names-of)))
    (_ '())))

(define (defined form)
  "The names of relations, procedures and values that FORM defines."
  (match form
    (((or 'defrel 'define-relation 'define) ((? symbol? name) . _) . _) (list name))
    (('define (? symbol? name) . _) (list name))
    (_ '())))

(define (interface-names name)
  (module-map (lambda (symbol variable) symbol) (resolve-interface name)))

;;; Forms that are written wrongly.

(define (as-written form)
  ;; FORM, which may be what another form expanded to.
  (match form
    (('fresh/in _ . rest) (cons 'fresh rest))
    (('conde/in _ . rest) (cons 'conde rest))
    (_ form)))

(define (syntax-explanation form message)
  (match (as-written form)
    (((? symbol? name) . _)
     (match (form-usage name)
       (#f (format #f "~a: ~s" message form))
       (usage (format #f "~a is written as ~a" (car usage) usage))))
    ('_ "_ stands for nothing; what does not matter has a name, too: (fresh (any) ...)")
    (_ (format #f "~a: ~s" message form))))
