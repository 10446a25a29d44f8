;;; sandbox.scm -- what a question that is not trusted may name.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Nothing else is there.  None of it opens a file, starts a program, changes anything that was made before,
;;; tells where in memory things are, raises or catches what is not an error of the question, leaves the
;;; extent of a call and comes back, or names a module.  Our own forms expand to names of other modules, which
;;; only they can write: to make such a name out of a piece of syntax takes procedures that get syntax, which
;;; are left out; define-syntax-rule only puts together what is written.
(define-module (sheepdog query asking sandbox)
  #:use-module (ice-9 sandbox)
  #:export (make-sandbox sandbox-bindings))

(define forms
  '(else => _ ... λ
    and begin case case-lambda case-lambda* cond define define* define-syntax-rule define-values delay do
    if lambda lambda* let let* letrec letrec* or quasiquote quote unless unquote unquote-splicing when))

(define procedures
  '(apply call-with-values compose const identity negate values
    and-map or-map and=> boolean? eq? equal? eqv? not procedure? thunk? unspecified? *unspecified*
    error force promise?))

(define numbers
  '(* + - / 1+ 1- < <= = > >= abs acos angle asin atan ceiling cos denominator even?
    exact->inexact inexact->exact exact-integer-sqrt exact-integer? exact? inexact? exp expt finite? floor
    floor/ floor-quotient floor-remainder gcd imag-part inf inf? integer? lcm log log10 magnitude max min
    modulo nan nan? negative? number->string number? numerator odd? positive? quotient rational? rationalize
    real-part real? remainder round sin sqrt string->number tan truncate truncate/ truncate-quotient
    truncate-remainder zero? complex?
    ash integer-length logand logbit? logcount logior lognot logtest logxor))

(define texts
  '(char->integer char-alphabetic? char-downcase char-lower-case? char-numeric? char-upcase char-upper-case?
    make-string char-whitespace? char<=? char<? char=? char>=? char>? char? integer->char
    char-set char-set-adjoin char-set-complement char-set-contains? char-set-delete char-set-difference
    char-set-intersection char-set-union char-set? string->char-set
    char-set:digit char-set:hex-digit char-set:letter char-set:letter+digit char-set:lower-case
    char-set:punctuation char-set:upper-case char-set:whitespace
    list->string reverse-list->string string string->list string-any string-append
    string-capitalize string-ci<? string-ci=? string-ci>? string-concatenate string-contains
    string-contains-ci string-copy string-count string-delete string-downcase string-drop string-drop-right
    string-every string-filter string-fold string-fold-right string-for-each string-hash string-index
    string-index-right string-join string-length string-map string-null? string-pad string-pad-right
    string-prefix-ci? string-prefix-length string-prefix? string-ref string-replace string-reverse
    string-rindex string-skip string-skip-right string-split string-suffix-ci? string-suffix-length
    string-suffix? string-tabulate string-take string-take-right string-titlecase string-tokenize
    string-trim string-trim-both string-trim-right string-upcase string<=? string<? string=? string>=?
    string>? string? substring
    keyword? string->symbol symbol symbol->string symbol-append symbol?))

(define lists
  '(acons assoc-ref assq assq-ref assv assv-ref caaar caadr caar cadar cadddr caddr cadr car cdaar cdadr cdar
    cddar cddddr cdddr cddr cdr cons cons* delq delv last-pair length list list-copy list-head list-ref
    list-tail list? make-list memq memv merge null? pair? append reverse
    sort sort-list sorted? stable-sort
    list->vector make-vector vector vector->list vector-copy vector-length vector-ref vector?))

(define more-lists
  ;; Of SRFI 1: nothing that changes what it is given.
  '(alist-cons alist-copy alist-delete any append-map append-reverse assoc break car+cdr circular-list
    circular-list? concatenate count delete delete-duplicates dotted-list? drop drop-right drop-while eighth
    every fifth filter filter-map find find-tail first fold fold-right for-each fourth iota last length+
    list-index list-tabulate list= lset-adjoin lset-diff+intersection lset-difference lset-intersection
    lset-union lset-xor lset<= lset= map map-in-order member ninth not-pair? null-list? pair-fold
    pair-fold-right pair-for-each partition proper-list? reduce reduce-right remove second seventh sixth span
    split-at take take-right take-while tenth third unfold unfold-right unzip1 unzip2 unzip3 unzip4 unzip5
    xcons zip))

(define patterns
  '(match match-lambda match-lambda* match-let match-let* match-letrec))

(define queries
  ;; All of it but what chooses the store, reads it by SQL that is not ours, or says what time it is.
  '(hosto facto fact-duringo packageo package-duringo serviceo statuso stateo interruptiono incidento
    expectationo reporto evento runo run-useo run-signalo sampleo
    define-relation
    <o <=o >o >=o betweeno overlapso matcheso containso version<o guix-version<o
    durationo withino pluso timeso dayo
    noto someo counto sumo mino maxo avgo mediano groupo ordero limito
    ago at today milliseconds seconds minutes hours days weeks kibibytes mebibytes gibibytes tebibytes
    run run* run-for-each defrel fresh conde conda condu onceo project matche lambdae defmatche
    == =/= symbolo numbero stringo absento succeed fail))

(define sandbox-bindings
  ;; Lists of the name of a module and of names in it.
  `(((guile) ,@forms ,@procedures ,@numbers ,@texts ,@lists)
    ((srfi srfi-1) ,@more-lists)
    ((ice-9 match) ,@patterns)
    ((sheepdog query) ,@queries)))

(define (make-sandbox)
  "A new module for a question that is not trusted: relations, miniKanren and what only computes."
  (make-sandbox-module sandbox-bindings))
