;;; elsewhere.scm -- a question that is answered by another process: a confined one, or the daemon's.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog query asking elsewhere)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 match)
  #:use-module (rnrs bytevectors)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog query time)
  #:use-module (sheepdog query asking wire)
  #:use-module (sheepdog shown-text)
  #:use-module (sheepdog task)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:export (default-memory ask-confined ask-daemon start-confined next-line))

;; Bytes of memory that a question may take, where nothing else is said.
(define default-memory (mebibytes 512))

;; Seconds that the process that answers has besides the question's time: to start and to tell.
(define patience 2)

(define program (string-append prefix-directory "/libexec/sheepdog/sheepdog-question"))

(define (start-confined store sources limit timeout memory descriptor on-end)
  "Start a process that is confined and answers the question of SOURCES, a list of pairs of a name and a
text, from STORE, a path, on DESCRIPTOR, see wire.scm; with LIMIT, TIMEOUT and MEMORY as `ask-confined', as
it was at current-moment where that is not #f.  When it has ended ON-END is called with the line that is
still to be told, or #f.  Return its number."
  (%question-start
   program (getenv "TZ")
   (%scm->json `(("store" . ,store) ("timeout" . ,timeout) ("memory" . ,memory)
                 ("moment" . ,(or (current-moment) 'null)) ("limit" . ,(or limit 'null))
                 ("sources" . ,(sources->json sources))))
   descriptor (+ timeout patience) memory
   (lambda (cause words)
     (on-end
      (match cause
        ('exited #f)
        ('time (end->line 'too-long))
        ('memory (memory->line memory))
        (_ (error->line (string-append "the process that answers has ended: " words) 1)))))))

(define (sources->json sources)
  (list->vector (map (match-lambda ((name . text) (vector name text))) sources)))

(define (ask-confined store sources limit timeout memory consume hint)
  "Ask the question of SOURCES, a list of pairs of a name and a text, of STORE, a path, in a process of its
own that can do nothing but answer: call CONSUME with each answer as it comes, at most LIMIT where that is
not #f, and HINT with each sentence about what was asked.  Return what these are, as
`ask-within' for TIMEOUT, in seconds.  Errors: &config-error where the question is wrong, &core-error for
the store, misc-error where it takes more than MEMORY bytes."
  (run-task
   (lambda ()
     (let* ((ends (pipe))
            (last-word #f)
            (ended (make-gate)))
       (for-each (lambda (port) (fcntl port F_SETFD FD_CLOEXEC)) (list (car ends) (cdr ends)))
       (setvbuf (car ends) 'block 65536)
       (let ((question (start-confined store sources limit timeout memory (fileno (cdr ends))
                                       (lambda (line)
                                         (set! last-word line)
                                         (open-gate! ended)))))
         (close-port (cdr ends))
         (call-and-then
          (lambda ()
            (read-answers (car ends) consume hint
                          (lambda ()
                            (wait-at-gate ended)
                            last-word)))
          (lambda ()
            (%question-stop question)
            (close-port (car ends)))))))
   #:name "question"))

(define (connect-to path)
  (define (fail words)
    (raise-core-error "daemon" 'unreachable (format #f "~a: ~a" path words)))
  (with-exception-handler
      (lambda (exception)
        (fail (match (core-error-code exception)
                ('denied "you may not ask this daemon; its configuration says who may, with #:askers")
                ((or 'not-found 'unreachable)
                 "nobody listens there; does a daemon run that writes this store?")
                (_ (exception->text exception)))))
    (lambda () (%local-connect path))
    #:unwind? #t #:unwind-for-type &core-error))

(define (ask-daemon path sources limit timeout consume hint)
  "Ask the question of SOURCES of the daemon that listens at PATH, as `ask-confined'.
Errors: &core-error where there is none, and as there."
  (run-task
   (lambda ()
     (let ((port (fdopen (connect-to path) "r+")))
       (setvbuf port 'block 65536)
       (call-and-then
        (lambda ()
          (with-timeout (+ timeout (* 2 patience))
            (lambda ()
              (send-request port
                            (string-append
                             (%scm->json `(("sources" . ,(sources->json sources))
                                           ("limit" . ,(or limit 'null)) ("timeout" . ,timeout)
                                           ("moment" . ,(or (current-moment) 'null))))
                             "\n"))
              (read-answers port consume hint (const #f)))))
        (lambda () (false-if-exception (close-port port))))))
   #:name "question"))

(define (send-request port text)
  (catch 'system-error
    (lambda ()
      (put-bytevector port (string->utf8 text))
      (force-output port))
    (lambda (key . arguments)
      ;; Who has heard enough, as where it is asked too much already, has said why.
      (unless (memv (system-error-errno (cons key arguments)) (list EPIPE ECONNRESET))
        (apply throw key arguments)))))

;;; A gate: what one waits for until another opens it.

(define (make-gate) (list #f))

(define (open-gate! gate)
  (let ((waiting (car gate)))
    (set-car! gate #t)
    (when (procedure? waiting) (waiting (const #t)))))

(define (wait-at-gate gate)
  (unless (eq? #t (car gate))
    (suspend (lambda (resume)
               (set-car! gate resume)
               (const #t)))))

;;; Reading.

(define (read-answers port consume hint last-word)
  "Call CONSUME with each answer that comes from PORT, which somebody may have written who is not trusted,
and HINT with each sentence, and return what the answers are.  Where it ends without a word LAST-WORD is
called for the line that is missing, or #f."
  (define unreadable? #f)
  (define (end message)
    (match message
      (('end 'complete)
       (when unreadable? (raise-check-failed "the answers cannot be read"))
       'complete)
      (('end word) word)
      (('error text 2) (raise-config-error #f "~a" (one-line text)))
      (('error text 3) (raise-core-error "store" 'denied (one-line text)))
      (('error text _) (raise-check-failed "~a" (one-line text)))
      (_ (raise-check-failed "the answers end in the middle"))))
  (let loop ()
    (match (next-line port)
      (#f (end (and=> (last-word) line->message)))
      (line
       (match (line->message line)
         (('answer term) (consume term) (loop))
         (('hint text) (hint (one-line text)) (loop))
         (#f
          ;; A process that was ended may leave half a line; the empty one ends it.
          (unless (string-null? line) (set! unreadable? #t))
          (loop))
         (message (end message)))))))

;; Of each port what has been read of it: a pair of the list of whole lines that nobody has taken yet, and
;; of what comes after them, a list of pieces, the last first.
(define read-ahead (make-weak-key-hash-table))

(define* (next-line port #:optional (limit line-limit))
  "The next line from PORT, without its end, or #f at the end of all.  Waits as a task.
Errors: &check-failed where it has more than LIMIT bytes."
  (match (hashq-ref read-ahead port '(()))
    (((line . lines) . rest)
     (hashq-set! read-ahead port (cons lines rest))
     line)
    ((() . pieces)
     (when (> (total-length pieces) limit)
       (raise-check-failed "a line is longer than ~a" (format-bytes limit)))
     (wait-until-readable port)
     (match (get-bytevector-some port)
       ((? eof-object?) #f)
       (bytes
        (hashq-set! read-ahead port (split-lines pieces bytes))
        (next-line port limit))))))

(define (split-lines pieces bytes)
  "The lines that BYTES end, of which the first begins with PIECES, and the pieces that are left."
  (let loop ((begin 0) (pieces pieces) (lines '()))
    (match (index-of-newline bytes begin)
      (#f (cons (reverse! lines)
                (if (= begin (bytevector-length bytes))
                    pieces
                    (cons (part bytes begin (bytevector-length bytes)) pieces))))
      (end (loop (+ end 1) '()
                 (cons (bytes->line (joined (cons (part bytes begin end) pieces))) lines))))))

(define (bytes->line bytes)
  (or (false-if-exception (utf8->string bytes)) "?"))

(define (wait-until-readable port)
  (suspend (lambda (resume)
             (let ((wait (%when-ready (fileno port) #f (lambda () (resume (const #t))))))
               (lambda () (%stop-waiting wait))))))

(define (index-of-newline bytes from)
  (let ((end (bytevector-length bytes)))
    (let loop ((i from))
      (cond ((= i end) #f)
            ((= 10 (bytevector-u8-ref bytes i)) i)
            (else (loop (+ i 1)))))))

(define (part bytes from to)
  (let ((copy (make-bytevector (- to from))))
    (bytevector-copy! bytes from copy 0 (- to from))
    copy))

(define (total-length pieces)
  (fold (lambda (piece sum) (+ sum (bytevector-length piece))) 0 pieces))

(define (joined pieces)
  "PIECES, the last first, as one."
  (match pieces
    ((one) one)
    (_
     (let ((whole (make-bytevector (total-length pieces))))
       (fold-right (lambda (piece at)
                     (bytevector-copy! piece 0 whole at (bytevector-length piece))
                     (+ at (bytevector-length piece)))
                   0 pieces)
       whole))))
