;;; question-server.scm -- a daemon lets others ask its store, each in a process that is confined.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Who can connect to the socket may ask; who that is, the configuration says.  A client writes one line
;;; of JSON: "sources", arrays of a name and a text, "timeout" in seconds, and "limit" and "moment", the
;;; time that it is about, or null, and keeps its side open until it has the answer: where it does not, it
;;; has left, and its question is ended.  The daemon never reads the texts: a process of its own does, and
;;; answers straight to the client, in lines as of (sheepdog query asking wire).
(define-module (sheepdog question-server)
  #:use-module (ice-9 match)
  #:use-module (rnrs bytevectors)
  #:use-module (sheepdog config)
  #:use-module (sheepdog core)
  #:use-module (sheepdog error)
  #:use-module (sheepdog program)
  #:use-module (sheepdog service)
  #:use-module (sheepdog task)
  #:use-module (sheepdog unit)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:export (start-question-server))

;; What asks and answers is loaded with the first client.
(define-syntax-rule (late module name)
  (module-ref (resolve-interface 'module) 'name))

(define longest-timeout 60)          ; seconds
(define longest-request (kibibytes 256))
(define patience 5)                  ; seconds for a client to say what it asks
(define earliest-moment -1e11)       ; seconds since the epoch, long before all that is stored

(define no-question "this is no question; it is a line of JSON with sources, limit and timeout")

(define (start-question-server service)
  "Listen for clients who ask the store of SERVICE, for as long as its configuration lets those ask who can
connect.  Where that cannot be, a warning says why."
  (define path (place (service-places service) 'ask))
  (define (admit)
    (let-who-may-ask path (configuration-askers (service-configuration service))))
  (with-exception-handler
      (lambda (exception)
        ;; All else works without it.
        (log-warning "nobody will be able to ask this daemon: ~a" (exception->text exception)))
    (lambda ()
      (unless (file-exists? (dirname path)) (%make-directories (dirname path) #o755))
      (%local-listen path
                     (lambda (descriptor)
                       (serve (fdopen descriptor "r+") (place (service-places service) 'store))))
      (admit)
      (service-on-reload! service admit))
    #:unwind? #t))

(define (let-who-may-ask path askers)
  (match askers
    ('anybody (chmod path #o666))
    ('group
     (match (false-if-exception (getgrnam "sheepdog"))
       (#f (chmod path #o600))
       (group
        ;; Who is not root may give it only to a group of their own.
        (if (false-if-exception (begin (chown path -1 (group:gid group)) #t))
            (chmod path #o660)
            (chmod path #o600)))))))

;;; How many there may be at once: so many in all, of which one user has a part, so that nobody keeps the
;;; others from asking.

(define-record-type <crowd>
  (make-crowd most most-of-one noun doing users)
  crowd?
  (most crowd-most)               ; in all
  (most-of-one crowd-most-of-one) ; of one user
  (noun crowd-noun)               ; string: what each of it is
  (doing crowd-doing)             ; string: what it does
  (users crowd-users set-crowd-users!)) ; the user of each that is there, a number

(define connections (make-crowd 32 8 "connection" "open" '()))
(define questions (make-crowd 4 2 "question" "being answered" '()))

(define (call-as-one-of crowd user thunk refuse)
  "Call THUNK, which may wait, as one of CROWD for USER; where that is one too many, REFUSE with words."
  (define (refuse-more-than n whose)
    (refuse (format #f "~a~a are ~a already; ask again in a moment"
                    (format-count n (crowd-noun crowd)) whose (crowd-doing crowd))))
  (define users (crowd-users crowd))
  (cond
   ((>= (count (lambda (other) (= user other)) users) (crowd-most-of-one crowd))
    (refuse-more-than (crowd-most-of-one crowd) " of yours"))
   ((>= (length users) (crowd-most crowd))
    (refuse-more-than (crowd-most crowd) ""))
   (else
    (set-crowd-users! crowd (cons user users))
    (call-and-then thunk
                   (lambda ()
                     (set-crowd-users! crowd (delete-first user (crowd-users crowd))))))))

(define (delete-first x list)
  (let-values (((before from) (break (lambda (y) (equal? x y)) list)))
    (append before (cdr from))))

;;; Clients.

(define (serve port store)
  (spawn-task
   (lambda ()
     ;; A client that goes away, or makes no sense, is no matter of the daemon's.
     (with-exception-handler
         (lambda (exception) (log-debug "question: ~a" (exception->text exception)))
       (lambda ()
         (let ((user (%peer-user (fileno port))))
           (call-as-one-of connections user
                           (lambda () (answer port user store))
                           (lambda (words) (tell port (error-line words))))))
       #:unwind? #t)
     (false-if-exception (close-port port)))
   #:name "question"))

(define (answer port user store)
  (match (read-request port)
    ((? string? fault) (tell port (error-line fault)))
    ((sources limit timeout moment)
     (let ((last-word (call-as-one-of questions user
                                      (lambda ()
                                        (answer-confined port store sources limit timeout moment))
                                      error-line)))
       (when last-word (tell port last-word))))))

(define (error-line text)
  ((late (sheepdog query asking wire) error->line) text 1))

(define (read-request port)
  "The sources, limit, timeout and moment that the client at PORT asks with, a list; or what is wrong with
what it says, a string."
  (define line
    (with-exception-handler
        (lambda (exception)
          (if (check-failed? exception) 'too-long (raise-exception exception)))
      (lambda ()
        (with-timeout patience
          (lambda () ((late (sheepdog query asking elsewhere) next-line) port longest-request))))
      #:unwind? #t))
  (match (and (string? line) (false-if-exception (%json->scm line)))
    ((? list? request)
     (let ((sources (assoc-ref request "sources"))
           (limit (assoc-ref request "limit"))
           (timeout (assoc-ref request "timeout"))
           (moment (assoc-ref request "moment")))
       (cond
        ((not (and (vector? sources)
                   (every (match-lambda
                            (#((? string?) (? string?)) #t)
                            (_ #f))
                          (vector->list sources))
                   (or (memq limit '(null #f)) (and (exact-integer? limit) (positive? limit)))
                   (real? timeout) (positive? timeout)
                   (or (memq moment '(null #f)) (and (real? moment) (> moment earliest-moment)))))
         no-question)
        ((and (real? moment) (> moment (%now)))
         "the time that is asked about is yet to come")
        (else
         (list (map (match-lambda (#(name text) (cons name text))) (vector->list sources))
               (and (exact-integer? limit) limit)
               (min timeout longest-timeout)
               (and (real? moment) moment))))))
    (_ (if (eq? 'too-long line)
           (format #f "a question to a daemon, with all that it defines, has at most ~a"
                   (format-bytes longest-request))
           no-question))))

(define (answer-confined port store sources limit timeout moment)
  "Let a confined process answer at PORT, for as long as somebody listens there; return the line that is to
be told still, or #f."
  (suspend
   (lambda (resume)
     (define left #f)
     (let ((question (parameterize (((late (sheepdog query time) current-moment) moment))
                       ((late (sheepdog query asking elsewhere) start-confined)
                        store sources limit timeout (late (sheepdog query asking elsewhere) default-memory)
                        (fileno port)
                        (lambda (line)
                          (%stop-waiting left)
                          (resume (const line)))))))
       (define (stop) (%question-stop question))
       (set! left (%when-left (fileno port) (lambda () (stop) (resume (const #f)))))
       ;; Who answers waits while the client reads slowly.  To watch a descriptor sets that, too.
       (fcntl port F_SETFL (logand (lognot O_NONBLOCK) (fcntl port F_GETFL)))
       (lambda ()
         (%stop-waiting left)
         (stop))))))

(define (tell port line)
  ;; Whether or not the client listens: what it has not read by now it need not be told.
  (send port (string->utf8 (string-append "\n" line)) MSG_DONTWAIT))
