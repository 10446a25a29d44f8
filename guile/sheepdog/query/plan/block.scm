;;; block.scm -- a conjunction of goals as a SELECT: which tables it joins, what its variables are there.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The goals come as *items*, in which a variable is a number and a constant (const KIND . INDEX):
;;;   (call NAME ARGUMENT ...)               a row of a relation
;;;   (compare NAME ARGUMENT ...)            a comparison
;;;   (compute NAME ARGUMENT ...)            a computation; of the NAMEs timeso/last is timeso where a factor
;;;                                          that is divided by may be 0: what times 0 is 0 may be said by
;;;                                          others; timeso/forward where that is not for the block to know
;;;   (differ VARIABLE ARGUMENT)             they are not equal
;;;   (none OUTER ITEM ...)                  there is no answer to the ITEMs, of whose variables OUTER,
;;;                                          numbers, are from outside
;;;   (some OUTER ITEM ...)                  there is some
;;;   (fold OUTER () ((KIND RESULT INPUT)) ITEM ...)
;;;                                          RESULT is what the aggregate KIND, as counto, makes of INPUT
;;;                                          in all answers to the ITEMs; INPUT is #f where it takes none
;;;   (group OUTER (KEY ...) ((KIND RESULT INPUT) ...) ITEM ...)
;;;                                          the same for each combination of the KEYs
(define-module (sheepdog query plan block)
  #:use-module (ice-9 match)
  #:use-module (sheepdog query tables)
  #:use-module (sheepdog query plan comparing)
  #:use-module (sheepdog query plan computing)
  #:use-module (sheepdog query plan inner)
  #:use-module (sheepdog query plan operand)
  #:use-module (sheepdog query relation)
  #:use-module (sheepdog query plan scope)
  #:use-module (sheepdog query plan size)
  #:use-module (sheepdog query time)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:export (items->block block-scope block-operand order-inside!
            report-reference))

(define-record-type <block>
  (make-block scope outer namer operands)
  block?
  (scope block-scope)
  (outer block-outer)                            ; <block> or #f
  (namer block-namer)                            ; short name -> a symbol that no other table has
  (operands block-operands set-block-operands!)) ; alist: variable -> <operand>

(define (block-operand block variable)
  "What VARIABLE stands for in BLOCK, an <operand>; #f where that is not known."
  (or (assv-ref (block-operands block) variable)
      (and (block-outer block) (block-operand (block-outer block) variable))))

(define (items->block items wanted ordered)
  "Return three values: the <block> of ITEMS; an alist of those of the variables WANTED, numbers, or #f
for all, that it knows, to their operands; and those of ITEMS, a list, that it does not say.  ORDERED is a
list of variables by which the rows will be ordered."
  (let* ((block (make-block (make-scope #f) #f (make-namer) '()))
         (left (add-items! block items))
         (outputs (filter (match-lambda
                            ((variable . _) (or (not wanted) (memv variable wanted))))
                          (reverse (block-operands block)))))
    (for-each (match-lambda ((_ . operand) (read-in! (block-scope block) (operand-sql operand))))
              outputs)
    (for-each (lambda (variable)
                (let ((operand (block-operand block variable)))
                  (when operand (read-in! (block-scope block) (operand-sql operand)))))
              ordered)
    (drop-tables! (block-scope block))
    (values block outputs left)))

(define (make-namer)
  (let ((counts '()))
    (lambda (short)
      (let ((n (+ 1 (or (assq-ref counts short) 0))))
        (set! counts (assq-set! counts short n))
        (if (= n 1)
            short
            (symbol-append short (string->symbol (number->string n))))))))

(define (add-items! block items)
  "Let BLOCK say ITEMS; return those that it cannot."
  (let*-values (((calls others) (partition (match-lambda (('call . _) #t) (_ #f)) items))
                ((groups others) (partition (match-lambda (('group . _) #t) (_ #f)) others)))
    (let* ((left-calls (remove (lambda (call) (add-call! block call)) calls))
           (left-groups (remove (lambda (group) (add-group! block group)) groups)))
      (merge-tables! (block-scope block))
      (append left-calls left-groups (add-waiting! block others)))))

(define (add-waiting! block items)
  "Let BLOCK say ITEMS, each as soon as what it needs is known; return those that it cannot."
  (let again ((items items))
    (let ((left (remove (lambda (item) (add-item! block item)) items)))
      (cond ((null? left) left)
            ((< (length left) (length items)) (again left))
            ((find (lambda (item) (add-last! block item left)) left)
             => (lambda (added) (again (delq added left))))
            (else left)))))

(define (add-last! block item left)
  "Let BLOCK say ITEM, a timeso/last, by a division, where none of LEFT may say more about that; and return
true; else #f."
  (match item
    (('compute 'timeso/last . arguments)
     (define (unknown item)
       (filter (lambda (variable) (not (block-operand block variable))) (item-variables item)))
     (define tellers
       (remove (match-lambda (((or 'compare 'differ 'none 'some) . _) #t) (other (eq? other item))) left))
     ;; All that could be known where one of what ITEM leaves open were.
     (define connected
       (let more ((known (unknown item)))
         (let ((all (fold (lambda (teller known)
                            (if (null? (lset-intersection eqv? (unknown teller) known))
                                known
                                (lset-union eqv? known (unknown teller))))
                          known tellers)))
           (if (= (length all) (length known)) all (more all)))))
     (and (not (any (match-lambda
                      ((and other ('compute 'timeso/last . _))
                       (pair? (lset-intersection eqv? (unknown other) connected)))
                      (_ #f))
                    tellers))
          (add-item! block (cons* 'compute 'timeso arguments))))
    (_ #f)))

(define (item-variables item)
  (match item
    ((? exact-integer? n) (list n))
    (('const . _) '())
    ((first . rest) (append (item-variables first) (item-variables rest)))
    (_ '())))

(define (add-item! block item)
  "Let BLOCK say ITEM, and return true; or #f where that cannot be."
  (and (room-for-condition? (block-scope block)) (say-item! block item)))

(define (say-item! block item)
  (match item
    (('compare name . arguments) (add-comparison! block name arguments))
    (('compute name . arguments) (add-computation! block name arguments))
    (('differ variable argument) (add-difference! block variable argument))
    (((and kind (or 'none 'some)) outer . items)
     (add-existence! block (if (eq? kind 'none) "NOT EXISTS (" "EXISTS (") outer items))
    (('fold outer _ ((kind result input)) . items)
     (add-fold! block kind outer result input items))))

;;; Calls of relations.

;; SQLite joins 64 at most; groups may need some, too.
(define most-tables 56)

(define (add-call! block call)
  "Let BLOCK say CALL, and return true; or #f where there is no room for its tables."
  (match call
    (('call (= store-relation relation) . arguments)
     (and (room? (block-scope block) (length (relation-tables relation)))
          (begin (join-call! block relation arguments) #t)))))

(define (room? scope count)
  (define (fit?) (<= (+ count (length (scope-tables scope))) most-tables))
  (or (fit?)
      (begin
        (merge-tables! scope)
        (fit?))))

(define (join-call! block relation arguments)
  (define scope (block-scope block))
  (define tables
    (map (match-lambda
           ((short . table) (cons short (add-table! scope ((block-namer block) short) table))))
         (relation-tables relation)))
  (define place
    (match-lambda ((short . column) (cons (assq-ref tables short) column))))
  (define (placed template)
    (append-map (lambda (part) (if (pair? part) (column-at-moment (place part)) (list part)))
                template))
  (for-each (match-lambda ((a . b) (equate! scope (place a) (place b))))
            (relation-joins relation))
  (for-each (lambda (condition) (hold! scope (placed condition)))
            (relation-where relation))
  (when (current-moment)
    (for-each (match-lambda
                ((_ . used)
                 (let ((begins (table-begins (used-table used))))
                   (when (pair? begins) (hold! scope (known-at-moment used begins))))))
              tables))
  (for-each (lambda (column argument)
              (bind! block argument
                     (make-operand (placed (column-sql column)) (column-type column))))
            (relation-columns relation) arguments))

(define (column-at-moment reference)
  "REFERENCE as a template: what it was at current-moment, where that is not #f."
  (match reference
    ((used . column)
     (if (and (current-moment) (memq column (table-later (used-table used))))
         (value-at-moment used column (table-ends (used-table used)))
         (list reference)))))

(define (reference-of operand)
  "The reference that OPERAND is, where it is one that is never NULL; else #f."
  (and (not (operand-nullable? operand)) (plain-reference operand)))

(define (plain-reference operand)
  (match (operand-sql operand)
    ((((? used? used) . column)) (cons used column))
    (_ #f)))

(define (bind! block argument operand)
  "Let ARGUMENT, a variable or a constant, be OPERAND in BLOCK."
  (define scope (block-scope block))
  (define reference (reference-of operand))
  (cond
   ((constant? argument)
    (when (and (plain-reference operand)
               (not (memq (constant-kind argument) (operand-null operand))))
      (note-constant! scope (plain-reference operand)
                      (cons (constant-index argument) (operand-storage operand))))
    (hold! scope (equal-constant operand argument)))
   ((block-operand block argument)
    => (lambda (known)
         (let ((other (reference-of known)))
           (if (and reference other (eq? (operand-storage operand) (operand-storage known)))
               (equate! scope other reference)
               (hold! scope (equal-operands known operand))))))
   (else (set-block-operands! block (acons argument operand (block-operands block))))))

;;; Comparisons and computations.

(define (argument-operand block argument)
  "The operand of ARGUMENT: #f for a constant; unknown for a variable that is not known."
  (if (constant? argument)
      #f
      (match (block-operand block argument)
        (#f 'unknown)
        (operand
         (if (and (operand-nullable? operand)
                  (plain-reference operand)
                  (constant-together? (block-scope block) (plain-reference operand)))
             (never-null operand)
             operand)))))

(define (add-comparison! block name arguments)
  (let ((operands (map (lambda (argument) (argument-operand block argument)) arguments)))
    (and (not (memq 'unknown operands))
         (match (comparison-condition name arguments operands)
           ('unknown #f)
           (condition (hold! (block-scope block) condition) #t)))))

(define (add-difference! block variable argument)
  (let ((operand (argument-operand block variable))
        (other (argument-operand block argument)))
    (and (not (eq? 'unknown operand))
         (not (eq? 'unknown other))
         (begin
           (hold! (block-scope block)
                  (if other
                      (differing-operands operand other)
                      (differing-constant operand argument)))
           #t))))

(define (add-computation! block name arguments)
  (match (computation-result name arguments
                             (map (lambda (argument) (argument-operand block argument)) arguments))
    ((n (? (lambda (operand) (small-template? (operand-sql operand) block-scope)) operand) . conditions)
     (let* ((argument (list-ref arguments n))
            (known (argument-operand block argument))
            ;; A result that is known is a number like any other, or now, the present time.
            (compared? (or (not known) (and (operand? known) (operand-nullable? known))))
            (same (and compared? (compare-operands "=" argument known #f operand))))
       (and (not (eq? same 'unknown))
            (begin
              (for-each (lambda (condition) (hold! (block-scope block) condition)) conditions)
              (if compared?
                  (hold! (block-scope block) same)
                  (bind! block argument operand))
              #t))))
    (_ #f)))

;;; Blocks in blocks.

(define (known-outside? block variables)
  (every (lambda (variable) (block-operand block variable)) variables))

(define (inner-block block items)
  "The block of ITEMS in BLOCK; #f where it cannot say all of them, or would be too deep."
  (let* ((scope (make-scope (block-scope block)))
         (inner (make-block scope block (block-namer block) '())))
    (cond ((and (null? (add-items! inner items)) (small-scope? scope block-scope)) inner)
          (else (forget-scope! scope) #f))))

(define (add-existence! block before outer items)
  (let ((inner (and (known-outside? block outer) (inner-block block items))))
    (and inner
         (begin
           (hold! (block-scope block) (list (make-subselect before inner '(("1")) ")")))
           #t))))

(define (add-fold! block kind outer result input items)
  (let* ((inner (and (known-outside? block outer) (inner-block block items)))
         (fold (and inner (folded inner kind input))))
    (cond
     (fold
      (read-in! (block-scope inner) (operand-sql fold))
      (let ((value (make-operand (list (make-subselect "(" inner (list (operand-sql fold)) ")"))
                                 (operand-type fold))))
        ;; What is equal to something is something.
        (unless (or (constant? result) (block-operand block result))
          (hold! (block-scope block) (fold-condition kind value)))
        (bind! block result value))
      #t)
     (else
      (when inner (forget-scope! (block-scope inner)))
      #f))))

(define (folded block kind input)
  "The operand of what KIND, a symbol, makes of INPUT in all rows of BLOCK; #f where that is no SQL."
  (let ((operand (and input (argument-operand block input))))
    (and (not (eq? operand 'unknown))
         ;; SQL takes an aggregate of what is from outside alone for one of the rows outside.
         (not (and operand (reads-outer-alone? block (operand-sql operand))))
         (let ((made (fold-operand kind input operand)))
           (and made (small-template? (operand-sql made) block-scope) made)))))

(define (reads-outer-alone? block template)
  (let ((read (template-references template)))
    (and (pair? read)
         (not (any (match-lambda ((used . _) (eq? (block-scope block) (used-scope used)))) read)))))

(define (template-references template)
  "The references in TEMPLATE and in the SELECTs in it."
  (append-map (match-lambda
                (((? used? used) . column) (list (current-reference (cons used column))))
                ((? subselect? inner)
                 (let ((scope (block-scope (subselect-block inner))))
                   (append-map template-references
                               (append (map (match-lambda ((a . b) (list a b)))
                                            (scope-equalities scope))
                                       (scope-conditions scope)
                                       (subselect-columns inner)))))
                (_ '()))
              template))

(define (add-group! block group)
  (match group
    (('group outer keys folds . items)
     (let* ((inner (make-block (make-scope #f) #f (block-namer block) '()))
            (known? (and (null? outer)
                         (null? (add-items! inner items))
                         (small-scope? (block-scope inner) block-scope)))
            ;; One that is a constant is so in the items.
            (keys (remove constant? keys))
            (key-operands (if known? (map (lambda (key) (block-operand inner key)) keys) '(#f)))
            (fold-operands (if known?
                               (map (match-lambda ((kind result input) (folded inner kind input)))
                                    folds)
                               '(#f))))
       (and (every identity key-operands)
            (every identity fold-operands)
            (let ((columns (join-groups! block inner key-operands fold-operands)))
              (for-each (lambda (argument column) (bind! block argument column))
                        (append keys (map cadr folds)) columns)
              (for-each (match-lambda*
                          (((kind _ _) column)
                           (hold! (block-scope block) (fold-condition kind column))))
                        folds (drop columns (length keys)))
              #t))))))

(define (join-groups! block inner key-operands fold-operands)
  "Let BLOCK join the groups of the rows of the block INNER that have the same KEY-OPERANDS, with
FOLD-OPERANDS of each; return the operands that all of these are in BLOCK."
  (define scope (block-scope inner))
  (define keys (map operand-sql key-operands))
  (define folds (map operand-sql fold-operands))
  (define (derive! keys)
    ;; The references to the columns of the groups.
    (let* ((sqls (append keys folds))
           (names (map (lambda (n) (string->symbol (format #f "c~a" n)))
                       (iota (length sqls) 1)))
           (used (add-derived! (block-scope block) ((block-namer block) 'g)
                               (make-derived inner (map cons names sqls) keys))))
      (for-each (lambda (sql) (read-in! scope sql)) sqls)
      (drop-tables! scope)
      (map (lambda (name) (cons used name)) names)))
  (define columns
    (match (lookups scope (map reference-of key-operands))
      (#f (derive! keys))
      ;; By one column, in the order of which an index may have the rows; what the keys are is looked up
      ;; for each group.
      ((one . steps)
       (match (derive! (list (list one)))
         ((key . rest)
          (let ((found (replay! block steps one key)))
            (append (map (lambda (operand) (found (reference-of operand))) key-operands)
                    rest)))))))
  (map (lambda (operand column) (make-operand (list column) (operand-type operand)))
       (append key-operands fold-operands) columns))

(define (replay! block steps one key)
  "Let BLOCK join the tables of STEPS, see lookups, where ONE is the column KEY.  Return a procedure from a
reference to one of them to that to it in BLOCK."
  (let loop ((steps steps) (tables '()))
    (define (found reference)
      (if (equal? reference one)
          key
          (cons (assq-ref tables (car reference)) (cdr reference))))
    (match steps
      (() found)
      (((used column other) . rest)
       (let ((table (add-table! (block-scope block)
                                ((block-namer block) (table-name (used-table used)))
                                (used-table used))))
         (equate! (block-scope block) (found other) (cons table column))
         (loop rest (acons used table tables)))))))

;;; Order.

(define (order-inside! block templates limit)
  "Let the first LIMIT rows of BLOCK in the order of TEMPLATES be chosen where they are grouped, if BLOCK
does nothing but look up names for each group: it joins no table then for the others."
  (define scope (block-scope block))
  (match (scope-tables scope)
    ((used . others)
     (let ((derived (used-derived used)))
       (when (and derived
                  (null? (scope-conditions scope))
                  (= (length others) (length (scope-equalities scope)))
                  (every (lambda (other)
                           (determines? scope (list (cons used (caar (derived-columns derived))))
                                        (list (cons other '*))))
                         others)
                  (every (lambda (template)
                           (every (lambda (part)
                                    (not (and (pair? part) (used? (car part)) (not (eq? used (car part))))))
                                  template))
                         templates))
         ;; Inside, a column has its name alone.
         (set-derived-order! derived
                             (map (lambda (template)
                                    (map (match-lambda
                                           (((? used?) . column) (symbol->string column))
                                           (part part))
                                         template))
                                  templates))
         (set-derived-limit! derived limit))))
    (_ #f)))

;;; Reports.

(define (report-reference block)
  "The reference to the report_id of the report that a row of BLOCK, of one relation, is of; #f where the
store does not know it."
  (any (lambda (used)
         (and (used-table used)
              (match (table-report (used-table used))
                (#f #f)
                (column
                 (let ((reference (cons used column)))
                   (read-in! (block-scope block) (list reference))
                   reference)))))
       (scope-tables (block-scope block))))
