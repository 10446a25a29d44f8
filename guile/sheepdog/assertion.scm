;;; assertion.scm -- what a receiver may say of a report.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(define-module (sheepdog assertion)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:export (status fact facts no-fact sample event run expect
            assertion? assertion->list))

;; An assertion is a vector: its kind, a symbol, and then the fields that the core reads by place.
;; Host and service are #f where they are the report's own.

(define kinds '(status fact facts no-fact sample event run expect))

(define (assertion? x)
  "True where X is an assertion."
  (and (vector? x) (positive? (vector-length x)) (memq (vector-ref x 0) kinds) #t))

(define (assertion->list assertion)
  "ASSERTION as a list for people, without the fields that say nothing."
  (match assertion
    (#('fact key value host) `(fact ,key ,value ,@(if host (list host) '())))
    (_ (filter identity (vector->list assertion)))))

(define (wrong who what value)
  (scm-error 'wrong-type-arg who "~a: ~s" (list what value) (list value)))

(define (key->string who key)
  (cond ((symbol? key) (symbol->string key))
        ((and (string? key) (not (string-null? key))) key)
        (else (wrong who "not a key (a symbol or string)" key))))

(define (check-value who value)
  (unless (or (string? value) (boolean? value) (and (real? value) (not (nan? value))))
    (wrong who "not a value (a string, number or boolean)" value))
  ;; The store has integers and reals; a ratio becomes a real.
  (if (and (number? value) (exact? value) (not (integer? value))) (exact->inexact value) value))

(define* (status value #:optional summary #:key host service)
  "The service of the report (or SERVICE, on HOST) is VALUE: ok, warning, critical or unknown.
SUMMARY is one line for people, the report's own where left out."
  (unless (memq value '(ok warning critical unknown))
    (wrong "status" "not ok, warning, critical or unknown" value))
  (vector 'status value summary host service))

(define* (fact key value #:key host)
  "KEY (a symbol or string) of the host is VALUE (a string, number or boolean) from now on."
  (vector 'fact (key->string "fact" key) (check-value "fact" value) host))

(define* (facts prefix alist #:key host)
  "All facts of the host whose key begins with PREFIX and a dot are those of ALIST, from what follows
the dot to the value; other keys there end now."
  (unless (list? alist) (wrong "facts" "not an alist" alist))
  (vector 'facts (key->string "facts" prefix)
          (map (match-lambda
                 ((key . value) (cons (key->string "facts" key) (check-value "facts" value)))
                 (other (wrong "facts" "not a pair of key and value" other)))
               alist)
          host))

(define* (no-fact key #:key host)
  "KEY of the host has no value from now on."
  (vector 'no-fact (key->string "no-fact" key) host))

(define* (sample key number #:key host)
  "KEY of the host measured NUMBER, at the time of the report."
  (unless (and (real? number) (not (nan? number)) (not (inf? number)))
    (wrong "sample" "not a finite number" number))
  (vector 'sample (key->string "sample" key) number host))

(define* (event name #:optional (data '()) #:key host service)
  "NAME (a symbol) happened to the service; DATA is an alist, kept as JSON."
  (unless (symbol? name) (wrong "event" "not a symbol" name))
  (vector 'event name data host service))

(define* (run id phase #:key outcome started ended lease exit signal error user-cpu system-cpu
              peak-memory output-bytes argv user directory attempts)
  "The run ID (a UUID's text) of the report's service is in PHASE: start, renew, end or vanished.
OUTCOME is succeeded, failed, timed-out, vanished or cancelled, at an end; STARTED and ENDED are
seconds since the epoch, LEASE seconds for which the run is believed to live without a word; EXIT a
status, SIGNAL a number, ERROR why it could not be started; USER-CPU and SYSTEM-CPU seconds,
PEAK-MEMORY and OUTPUT-BYTES bytes, ARGV a vector of strings, ATTEMPTS how often it was tried."
  (unless (string? id) (wrong "run" "not a run's id" id))
  (unless (memq phase '(start renew end vanished)) (wrong "run" "not a phase" phase))
  (unless (memq outcome '(#f succeeded failed timed-out vanished cancelled unknown))
    (wrong "run" "not an outcome" outcome))
  (vector 'run id phase outcome started ended lease exit signal error user-cpu system-cpu
          peak-memory output-bytes argv user directory attempts))

(define* (expect within #:key (grace 0) service)
  "A next report of the service is due WITHIN seconds, and GRACE seconds more are granted.  The store
keeps that; nothing follows from it where the report does not come."
  (unless (and (real? within) (> within 0)) (wrong "expect" "not a length of time" within))
  (vector 'expect within grace service))
