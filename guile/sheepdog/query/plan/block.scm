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
  #:use-module (sheepdog query plan comparing)
  #:use-module (sheepdog query plan computing)
  #:use-module (sheepdog query plan inner)
  #:use-module (sheepdog query plan joining)
  #:use-module (sheepdog query plan operand)
  #:use-module (sheepdog query plan scope)
  #:use-module (sheepdog query plan size)
  #:use-module (sheepdog query plan variable)
  #:use-module (sheepdog query tables)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:export (items->block order-inside! report-reference))

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

;;; Comparisons and computations.

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
    ((n (? (lambda (operand) (small-template? (operand-sql operand))) operand) . conditions)
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
    (cond ((and (null? (add-items! inner items)) (small-scope? scope)) inner)
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
           (and made (small-template? (operand-sql made)) made)))))

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
                         (small-scope? (block-scope inner))))
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
