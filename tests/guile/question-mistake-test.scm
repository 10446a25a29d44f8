;;; question-mistake-test.scm -- what is wrong with the text of a question, and what only looks so.
;;; SPDX-License-Identifier: GPL-3.0-or-later
(use-modules (sheepdog question-text)
             (sheepdog test)
             (srfi srfi-64))

;; Each with what is said of it.
(define mistakes
  '(("(run* (h)\n  (hostoo h))" "EXPR:2:3: there is no hostoo; did you mean hosto?")
    ("(run* (h) (fresh (status) (statuso h h statsu 1)))"
     "EXPR:1:27: there is no statsu; did you mean status?")
    ("(run* (h) (fresh (t) (statuso h \"web\" critical t)))"
     "EXPR:1:22: there is no variable critical; the symbol is written 'critical")
    ("(run* (h) (facto h owner \"ada\"))"
     "EXPR:1:11: there is no owner; a text is written \"owner\", and a variable is listed, in \
run* or in (fresh (owner) ...)")
    ("'(run* (h) (hosto h))"
     "EXPR:1:1: an apostrophe before the question makes data of it; write (run* (h) (hosto h))")
    ("(run* (h m) (facto h \"m\" m) (m < 5))"
     "EXPR:1:29: (m < 5) begins with m, which is a variable; a goal begins with a relation or a comparison, \
as (<o m 5)")
    ("(run* (h) (hosto (h)))"
     "EXPR:1:11: hosto: h is a variable, which nothing can be given to; write h without parentheses")
    ("(run* (h) (== h (hosto h)))"
     "EXPR:1:11: ==: (hosto h) is a goal, which stands for no value; write a variable, x, in its place, and \
the goal beside it")
    ("(run* (h v) (cond (#f (fresh (s t) (statuso h s v t))) (else (== v \"x\") (facto h 'os v))))"
     "EXPR:1:1: no store is open; (open-herd PATH) opens one")
    ("(defrel (a z) (== z 1))\n(run* (y) (a y) (== y z))"
     "EXPR:2:17: there is no z; a text is written \"z\", and a variable is listed, in \
run* or in (fresh (z) ...)")
    ("(run* (h) (facto h 'owner 'ada))"
     "EXPR:1:11: facto: value must be a string, a number, #t or #f, not the symbol ada; write \"ada\"")
    ("(run* (h) (== h 'ada)\n (hosto h))"
     "EXPR:1:11: ==: h, the host of hosto, must be a string, not the symbol ada; write \"ada\"")
    ("(run* (h) (fresh (x)\n (let ((x 'ada)) (hosto x))))"
     "EXPR:2:18: hosto: host must be a string, not the symbol ada, which x stands for; write \"ada\"")
    ("(run* (h s)\n (fresh (st t) (statuso h s st t) (== st 'critcal)))"
     "EXPR:2:35: ==: st, the status of statuso, must be ok, warning, critical, unknown or missing, not the symbol \
critcal; did you mean 'critical?")
    ("(run* (h s)\n (fresh (status t) (=/= \"ok\" status) (statuso h s status t)))"
     "EXPR:2:20: =/=: status of statuso must be ok, warning, critical, unknown or missing, not the string \"ok\"; \
write 'ok")
    ("(run* (h s)\n (fresh (st t) (statuso h s st t) (conde ((== st 'critical)) ((noto (== st 'warnng))))))"
     "EXPR:2:69: ==: st, the status of statuso, must be ok, warning, critical, unknown or missing, not the symbol \
warnng; did you mean 'warning?")
    ("(define-relation (brokeno h st) (fresh (s t) (statuso h s st t)))\n(run* (h) (fresh (x) (brokeno h x) (== x 'bad)))"
     "EXPR:2:36: ==: x, the status of statuso, must be ok, warning, critical, unknown or missing, not the symbol bad")
    ("(run* (h s)\n (fresh (st t) (statuso h s st t) (>o st 'ok)))"
     "EXPR:2:35: >o: st, the status of statuso, has no order; name what is meant, as (conde ((== st 'warning)) \
((== st 'critical)))")
    ("(run* (h s)\n (fresh (st t) (statuso h s st t) (== t \"2026-10-01\")))"
     "EXPR:2:35: ==: t, the since of statuso, must be a number of seconds since the epoch, such as (ago (days 30)), \
not the string \"2026-10-01\"; a date is written (at \"2026-10-01\")")
    ("(run* (h s)\n (fresh (st t) (statuso h s st t) (<o t \"3 hours\")))"
     "EXPR:2:35: <o: t, the since of statuso, cannot be compared with the string \"3 hours\"; the time so long \
before now is written (ago (hours 3))")
    ("(run* (h)\n (fresh (k v) (facto h k v) (== k 'host.memory)))"
     "EXPR:2:29: ==: k, the key of facto, must be a string, or where it is written in the call a symbol, not the \
symbol host.memory; write \"host.memory\"")
    ("(run* (h)\n (fresh (v) (packageo h \"nginx\" v) (== v 1.22)))"
     "EXPR:2:36: ==: v, the version of packageo, must be a string, not the number 1.22; write \"1.22\"")
    ("(run* (h) (fresh (s t) (interruptiono h s t \"now\")))"
     "EXPR:1:24: interruptiono: until must be a number of seconds since the epoch, or now while it \
lasts, not the string \"now\"; write 'now")
    ("(run* (h) (hosto))" "EXPR:1:11: hosto takes 1 argument, (hosto host); it was given 0")
    ("(run* (x) (<o x 5))"
     "EXPR:1:11: (<o x 5) compares what is known, and nothing beside it says what its first argument, \
x, is; add a relation that does, such as (facto host key x)")
    ("(run* (x) (== x \"a\") (<o x 5))"
     "EXPR:1:22: <o: the string \"a\" cannot be compared with the number 5")
    ("(run* (x) (== x 5) (<o \"2026-10-01\" x))"
     "EXPR:1:20: <o: the string \"2026-10-01\" cannot be compared with the number 5; a date is written \
(at \"2026-10-01\")")
    ("(run* (h) (hosto h) (facto h _ 5))"
     "EXPR:1:21: _ stands for nothing; what does not matter has a name, too: (fresh (any) ...)")
    ("(run* (x) (<o x 'a))"
     "EXPR:1:11: <o: b must be a number, a string or 'now, not the symbol a; write \"a\"")
    ("(run* (x) (== x 5)\n (>o x \"30m\"))"
     "EXPR:2:2: >o: the number 5 cannot be compared with the string \"30m\"; a length of time is written \
(minutes 30), and the time so long before now (ago (minutes 30))")
    ("(run* (x) (== x 5)\n (>o x \"8GiB\"))"
     "EXPR:2:2: >o: the number 5 cannot be compared with the string \"8GiB\"; a size is written (gibibytes 8)")
    ("(run* (x) (== x 5)\n (>o x \"7\"))"
     "EXPR:2:2: >o: the number 5 cannot be compared with the string \"7\"; a number is written without \
quotation marks, 7")
    ("(run* (x) (== x 5)\n (>o x 'yesterday))"
     "EXPR:2:2: >o: b must be a number, a string or 'now, not the symbol yesterday; the time a day before now \
is (ago (days 1))")
    ("(run* (x y)\n (<o y (* x 0.1)))"
     "EXPR:2:8: * is Scheme's, and computes with numbers that are known when the question is read, where a \
variable has no value yet; pluso, timeso and durationo compute with variables: write (timeso x 0.1 z), and z in \
its place")
    ("(run* (q a b) (== 5 (- 6 1))\n (== q (- b a)))"
     "EXPR:2:8: - is Scheme's, and computes with numbers that are known when the question is read, where a \
variable has no value yet; pluso, timeso and durationo compute with variables: write (durationo a b x), and x in \
its place")
    ("(run* (q a b)\n (== q (+ a b)) (== a (+ b 1)))"
     "EXPR:1:1: + is Scheme's, and computes with numbers that are known when the question is read, where a \
variable has no value yet; pluso, timeso and durationo compute with variables")
    ("(run* (q)\n (== q (max 1 (if (> q 5) 1 2))))"
     "EXPR:2:19: > is Scheme's, and compares numbers that are known when the question is read, where a variable \
has no value yet; write (>o q 5)")
    ("broken now" "#f: there is no broken; a text is written \"broken\", and a variable is listed, in run* or in \
(fresh (broken) ...)")
    ("(run* (x) (== x (ago \"30d\")))"
     "EXPR:1:17: ago: \"30d\" is not a length of time; write (days 30)")
    ("(run* (x) (== x (ago \"soon\")))"
     "EXPR:1:17: ago: \"soon\" is not a length of time, such as (days 30)")
    ("(run* (x) (== x 5)\n (>o x \"3 hours\"))"
     "EXPR:2:2: >o: the number 5 cannot be compared with the string \"3 hours\"; a length of time is written \
(hours 3), and the time so long before now (ago (hours 3))")
    ("(run* (x)\n (durationo 1 x \"3 hours\"))"
     "EXPR:2:2: durationo: seconds must be a number, not the string \"3 hours\"; write (hours 3)")
    ("(run* (x)\n (durationo \"yesterday\" 'now x))"
     "EXPR:2:2: durationo: since must be a time, a number of seconds or 'now, not the string \"yesterday\"; write \
(ago (days 1))")
    ("(run* (x)\n (fresh (h) (expectationo h \"a\" x \"5m\")))"
     "EXPR:2:13: expectationo: grace must be a number of seconds, not the string \"5m\"; write (minutes 5)")
    ("(run* (h) hosto)" "EXPR:1:1: hosto alone is no goal; a goal is (hosto host)")
    ("(run* (h) 5)" "EXPR:1:1: 5 is no goal; a goal is a list such as (hosto host)")
    ("(run* (h) ((hosto h)))"
     "EXPR:1:11: ((hosto h)) has parentheses around (hosto h) too many, or belongs in a conde")
    ("(run* (h) (== h))" "EXPR:1:11: == takes 2 arguments, (== a b); it was given 1")
    ("(run* (h) (conde ((hosto h)) (== h 1)))"
     "EXPR:1:30: (== h 1) is a goal, where a clause of conde belongs; write ((== h 1)), since a clause \
has parentheses around its goals")
    ("(statuso \"tux01\" service status since)"
     "EXPR:1:1: (statuso \"tux01\" service status since) is no question; ask for the values \
of variables, as (run* (host) (hosto host))")
    ("(run* (h) (and (hosto h) (facto h 'a 1)))"
     "EXPR:1:11: and is Scheme's, which takes the last of several goals alone; goals that shall all hold \
stand beside each other, in a clause of conde or in a fresh")
    ("(run* (h)\n (fresh (a) (or (facto h 'a a) (hosto h))))"
     "EXPR:2:13: or is Scheme's, which takes the first of several goals alone; write (conde (GOAL ...) \
(GOAL ...))")
    ("(run* (h) (hosto h) (not (facto h 'a 1)))"
     "EXPR:1:21: not is Scheme's, which is about no goal; write (noto (facto h (quote a) 1))")
    ("(run* (h m) (facto h 'm m) (< m 5))"
     "EXPR:1:28: < is Scheme's, and makes no goal; write (<o m 5)")
    ("(run* (h m) (facto h 'm m) (= m 5))"
     "EXPR:1:28: = is Scheme's, and makes no goal; write (== m 5)")
    ("(run* (h s)\n (fresh (t) (statuso h \"web\" s t) (if (== s 'critical) succeed fail)))"
     "EXPR:2:35: if is Scheme's, to which every goal is true; write (== s 'critical)")
    ("(run* (h)\n (if (facto h 'a 1) (hosto h) (== h 1)))"
     "EXPR:2:2: if is Scheme's, to which every goal is true; write (conde ((facto h 'a 1) (hosto h)) ((noto \
(facto h 'a 1)) (== h 1)))")
    ("(run* (h) (conde ((unless (== h \"a\") (hosto h)))))"
     "EXPR:1:19: unless is Scheme's, to which every goal is true; write (conde ((=/= h \"a\") (hosto h)))")
    ("(run* (h) (cond ((hosto h) succeed)))"
     "EXPR:1:11: cond is Scheme's, to which every goal is true; write (conde (GOAL ...) (GOAL ...)), and \
(noto GOAL) for what shall not hold")
    ("(run* (h s)\n (case s ((critical) (hosto h)) (else fail)))"
     "EXPR:2:2: case is Scheme's, and looks at s before that has a value; write (conde (GOAL ...) (GOAL ...)) \
with a goal about s in each clause, and (noto GOAL) for what shall not hold; or condu, where the first clause \
whose first goal holds is the only one")
    ("(defrel (byo h s)\n (if (eq? s \"a\") (hosto h) fail))\n(run* (h) (fresh (v) (== v \"a\") (byo h v)))"
     "EXPR:2:2: if is Scheme's, and looks at s before that has a value; write (conde (GOAL ...) (GOAL ...)) \
with a goal about s in each clause, and (noto GOAL) for what shall not hold; or condu, where the first clause \
whose first goal holds is the only one")
    ("(define-relation (ao h s)\n (cond (s (hosto h)) (else fail)))\n(defrel (bo h t) (ao h t))\n(run* (h v) (bo h v))"
     "EXPR:2:2: cond is Scheme's, and looks at s before that has a value; write (conde (GOAL ...) (GOAL ...)) \
with a goal about s in each clause, and (noto GOAL) for what shall not hold; or condu, where the first clause \
whose first goal holds is the only one")
    ("(defrel (ao h) (== h 1))\n(run* (h)\n (or (ao h) (ao h)))"
     "EXPR:3:2: or is Scheme's, which takes the first of several goals alone; write (conde (GOAL ...) (GOAL ...))")
    ("(defrel (ao h) (== h 1))\n(defrel (bo h)\n (and (ao h) (ao h)))\n(run* (h) (bo h))"
     "EXPR:3:2: and is Scheme's, which takes the last of several goals alone; goals that shall all hold \
stand beside each other, in a clause of conde or in a fresh")
    ("(defrel (ao h) (== h 1))\n(run* (h)\n (not (ao h)))"
     "EXPR:3:2: not is Scheme's, which is about no goal; write (noto (ao h))")
    ("(defrel (ao h) (== h 1))\n(run* (h)\n (if (ao h) (== h 2) fail))"
     "EXPR:3:2: if is Scheme's, to which every goal is true; write (conde ((ao h) (== h 2)))")
    ("(defrel (ao h) (== h 1))\n(run* (h) ao)" "EXPR:2:1: ao alone is no goal; a goal is (ao h)")
    ("(run* (h n) (hosto h)\n (== n (length (run* (s) (serviceo h s)))))"
     "EXPR:2:16: run* inside of a question is one of its own, which does not know h from around it; write its \
goals in (fresh (s) ...) for what they find, in (counto n (s) ...) for how many answers they have, in (noto ...) for \
none; groupo makes groups")
    ("(define-relation (manyo h n)\n (== n (length (run 3 (s k) (facto h s k)))))\n(run* (h n) (hosto h) (manyo h n))"
     "EXPR:2:16: run inside of a question is one of its own, which does not know h from around it; write its \
goals in (fresh (s k) ...) for what they find, in (counto n (s k) ...) for how many answers they have, in (noto ...) \
for none; groupo makes groups")
    ("(run* (i)\n (fresh (h s o a b e) (runo i h s (or 'failed 'killed) a b e)))"
     "EXPR:2:23: runo: (or 'failed 'killed) is Scheme's, and means the first alone; write a variable, outcome, in \
its place, and beside it (conde ((== outcome 'failed)) ((== outcome 'killed)))")
    ("(run* (h)\n (fresh (status t) (statuso h \"web\" (not 'ok) t)))"
     "EXPR:2:20: statuso: (not 'ok) is Scheme's, and means #f; write a variable, status, in its place, and \
beside it (=/= status 'ok)")
    ("(run* (h)\n (fresh (t) (statuso h \"web\" '(ok warning) t)))"
     "EXPR:2:13: statuso: '(ok warning) is a list, and the store has none; for one of several values write a \
variable, status, in its place, and beside it (conde ((== status 'ok)) ((== status 'warning)))")
    ("(run* (h)\n (fresh (t) (statuso h \"web\" (and 'ok 'warning) t)))"
     "EXPR:2:13: statuso: (and 'ok 'warning) is Scheme's, and means the last alone; an argument is one value or \
a variable, about which goals beside it may say several things")
    ("(run* (h a b)\n (> (- b a) 3600))"
     "EXPR:2:2: > and - are Scheme's, and compute with numbers that are known when the question is read; write \
(durationo a b x) (>o x 3600)")
    ("(run* (h m) (facto h 'm m) (<o m 8GiB))"
     "EXPR:1:28: 8GiB is no number; a size is written as (gibibytes 8), a length of time as (days 30), a \
date as (at \"2026-10-01\"), and a text as \"8GiB\"")
    ("(run* (h) (conde 5))"
     "EXPR:1:11: 5 is no clause of conde; a clause is a list of goals, such as ((hosto host))")
    ("(run* (h) (fresh))" "EXPR:1:11: fresh is written as (fresh (VARIABLE ...) GOAL ...)")
    ("(run* (h) noto (hosto h))" "EXPR:1:1: noto alone is no goal; a goal is (noto GOAL ...)")
    ("(run* (h) (hosto h)\n (noto))" "EXPR:2:2: noto is written as (noto GOAL ...)")
    ("(run* (h) (conde (noto (hosto h))))"
     "EXPR:1:18: (noto (hosto h)) is a goal, where a clause of conde belongs; write ((noto (hosto h))), \
since a clause has parentheses around its goals")
    ("(run* (h)\n (noto (facto h 'a 1)))"
     "EXPR:2:2: noto: h is not known, and nothing beside it says which h is meant; add a relation that \
does, as (hosto host) does for a host, or write (fresh (h) ...) inside the noto if any will do")
    ("(run* (n) (counto n hosts (hosto hosts)))"
     "EXPR:1:11: counto is written as (counto N (LOCAL ...) GOAL ...)")
    ("(run* (n) (counto n (host) (hosto hst)))" "EXPR:1:28: there is no hst; did you mean host?")
    ("(run* (n) (sumo n () (hosto n)))"
     "EXPR:1:11: sumo is written as (sumo TOTAL (X LOCAL ...) GOAL ...)")
    ("(run* (k n) (groupo (k) (counto n) (v) (== k v)))"
     "EXPR:1:13: groupo is written as (groupo (KEY ...) ((KIND RESULT X) ...) (LOCAL ...) GOAL ...)")
    ("(run* (k n) (groupo (k) ((sumo n)) (v) (== k v)))"
     "EXPR:1:13: groupo is written as (groupo (KEY ...) ((KIND RESULT X) ...) (LOCAL ...) GOAL ...)")
    ("(run* (k) (ordero k (== k 1)))" "EXPR:1:11: ordero is written as (ordero (KEY ...) GOAL ...)")
    ("(run* (h t)\n (ordero (> t) (sampleo h 'k t 1)))"
     "EXPR:2:2: ordero: > stands for a direction, and a key is (> VARIABLE); the keys are a list, so write ((> t))")
    ("(run* (h t)\n (ordero ((desc t)) (sampleo h 'k t 1)))"
     "EXPR:2:11: ordero: (desc t) is no key; a key is (> t), greatest first")
    ("(run* (h t)\n (ordero (t desc) (sampleo h 'k t 1)))"
     "EXPR:2:10: there is no desc; write (ordero ((> VARIABLE)) GOAL ...) for greatest first")
    ("(run* (h t)\n (ordero (h 5) (sampleo h 'k t 1)))"
     "EXPR:2:2: ordero: 5 is no key; a key is (< VARIABLE), smallest first, or (> VARIABLE), greatest first")
    ("(run* (k) (limito (== k 1)))" "EXPR:1:11: limito is written as (limito COUNT GOAL ...)")
    ("(define-relation (a x))" "EXPR:1:1: define-relation is written as (define-relation (NAME ARGUMENT ...) GOAL ...)")
    ("(define-relation (a x) (== x 1))\n(run* (y)\n (a y 1))"
     "EXPR:3:2: a takes 1 argument, (a x); it was given 2")
    ("(define-relation (a x) (== y 1))\n(run* (q) (a q))"
     "EXPR:1:24: there is no y; a text is written \"y\", and a variable is listed, in \
run* or in (fresh (y) ...)")
    ("(define-relation (small h) (small-host h))\n(define-relation (smallhost h) (== h 1))\n(run* (q) (small q))"
     "EXPR:1:28: there is no small-host; did you mean smallhost?")
    ("(run* (x) (pluso x 1))" "EXPR:1:11: pluso takes 3 arguments, (pluso a b sum); it was given 2")
    ("(run* (x) pluso)" "EXPR:1:1: pluso alone is no goal; a goal is (pluso a b sum)")
    ("(run* (h s u)\n (interruptiono h \"web\" s u)\n (>o u (days 2)))"
     "EXPR:3:2: (>o u (days 2)) compares a time, u, with a length of time, (days 2); write (ago (days 2)) for \
the time that long before now; what lies between two times durationo tells")
    ("(run* (h)\n (noto (fresh (t) (betweeno t (hours 1) 5) (conde ((statuso h \"web\" 'ok t))))) (hosto h))"
     "EXPR:2:19: (betweeno t (hours 1) 5) compares a time, t, with a length of time, (hours 1); write \
(ago (hours 1)) for the time that long before now; what lies between two times durationo tells")
    ("(run* (h s u)\n (interruptiono h \"web\" s u)\n (>o u 7))"
     "EXPR:3:2: (>o u 7) compares a time, u, with 7, which has no unit; write (ago (days 7)) for the time that many \
days before now, (at \"2026-10-01\") for a date")
    ("(run* (h s u)\n (interruptiono h \"web\" s u)\n (>o u (ago 7)))"
     "EXPR:3:8: (ago 7) has no unit; write (ago (days 7))")
    ("(run* (h)\n (hosto host))"
     "EXPR:2:2: there is no host; a text is written \"host\", and a variable is listed, in run* or in \
(fresh (host) ...)")
    ("(run* (h) (fresh (t)\n (timeso time 2 t)))"
     "EXPR:2:2: there is no time; a text is written \"time\", and a variable is listed, in run* or in \
(fresh (time) ...)")
    ("(RUN* (h) (hosto h))" "EXPR:1:1: there is no RUN*; did you mean run*?")
    ("(run* (Host)\n (hosto host))" "EXPR:2:2: there is no host; did you mean Host?")
    ("(run* (t)\n (== t (yesterday)))" "EXPR:2:8: there is no yesterday; write (ago (days 1))")
    ("(run* (t)\n (== t (- 'now 60)))"
     "EXPR:2:8: - is Scheme's, and computes with numbers, which now is not; the time an hour before now is \
written (ago (hours 1))")
    ("(run* (x)\n (membero x '(1 2)))"
     "EXPR:2:2: there is no membero; write (conde ((== x 'a)) ((== x 'b))) for one of several values, or define \
it with defrel")
    ("(run* (t)\n (== t (months 2)))" "EXPR:2:8: there is no months; write (days 30)")
    ("(run* (h)\n (!= h 5))" "EXPR:2:2: there is no !=; write (=/= a b)")
    ("(run (host) (hosto host))"
     "EXPR:1:1: run takes a number first, as (run 10 (host) ...); run* finds all, as (run* (host) ...)")
    ("(defrel (a x) (== x 1))\n(run (host) (a host))"
     "EXPR:2:1: run takes a number first, as (run 10 (host) ...); run* finds all, as (run* (host) ...)")
    ("(run * (h s) (hosto h))" "EXPR:1:1: run* is one word; write (run* (VARIABLE ...) GOAL ...)")
    ("(run* 5 (h) (hosto h))" "EXPR:1:1: run* takes no number, since it finds all; write (run 5 (h) ...)")
    ("(run* (h)\n (fresh (s) (statuso h, s, 'ok, 1)))"
     "EXPR:2:13: statuso: there are no commas between names and between arguments; blanks separate them")
    ("(run* (h, s) (hosto h))"
     "EXPR:1:1: run*: there are no commas between names and between arguments; blanks separate them")
    ("(defrel (a x) (== x 1))\n(run* (h) (a h))\n(run* (h) (== h 2))"
     "EXPR:2:1: this question would have no answers, since there is more below it: a file or a text asks one \
question, its last form")
    ("(== 1 1)\n(define-relation (hosto h) (== h 1))\n(run* (h) (hosto h))"
     "EXPR:2:1: hosto is a relation of the store, which a definition of that name would hide; give yours a name \
of its own")
    ("(list\n (ash 1 (expt 2 40)))" "EXPR:2:2: ash: Numerical overflow")
    ("(run* (h)\n (hosto \u201calpha\u201d))"
     "EXPR:2:2: \u201calpha\u201d is in quotation marks of print; a text is written \"alpha\"")
    ("(run* (h)\n (== h \u2018a\u2019))"
     "EXPR:2:2: \u2018a\u2019 is in quotation marks of print; a text is written \"a\"")
    ("run* (h) (hosto h)" "#f: the parentheses around run* are missing; write (run* (h) (hosto h))")
    ("(append (list 1)\n (iota -1))" "EXPR:2:2: iota: -1 is an argument that cannot be")
    ("(iota (- 1))" "EXPR:1:1: the question raised wrong-type-arg -1")
    ("(let ((x)) x)" "EXPR:1:1: bad let: (let ((x)) x)")
    ("(hosto \"x\")"
     "EXPR:1:1: (hosto \"x\") is no question; ask for the values of variables, as \
(run* (host) (hosto host))")
    ("1\n(list\n (car 5))"
     "EXPR:3:2: car: Wrong type (expecting pair): 5")
    ("(run* (t)\n (== t (ago (days 2)))\n (<o t (ago (days \"2\"))))"
     "EXPR:3:13: days: \"2\" is not a number of at least 0")
    ("(run* (t)\n (== t (days 'two)) (== t (days 1)))" "EXPR:2:8: days: two is not a number of at least 0")
    ("(run* (t)\n (== t (days (- 2))))" "EXPR:2:8: days: -2 is not a number of at least 0")
    ("(run* (t)\n (== t (days (- 2))) (== t (days (- 1))))" "EXPR:1:1: days: -2 is not a number of at least 0")
    ("(run* (t)\n (== t (days)))" "EXPR:2:8: days is given a wrong number of arguments")
    ("(run* (q) (project (q) (== 1 (car q))))"
     "EXPR:1:30: car: Wrong type argument in position 1 (expecting pair): a-variable-without-value")
    ("(sort (list 1))" "EXPR:1:1: sort is given a wrong number of arguments")))

(test-suite "mistakes in questions"
  (test-equal "what is wrong, where, and what would be right"
    (map cadr mistakes)
    (map (lambda (mistake) (complaint (car mistake))) mistakes))
  (test-equal "a length of time is compared with one, and a time with a time"
    '(() () () (2))
    (map (lambda (text) (answers text #f))
         '("(run* (d) fail (fresh (h s u) (interruptiono h \"none\" s u) (durationo s u d) (>o d (days 2))))"
           "(run* (u) fail (fresh (h s) (interruptiono h \"none\" s u) (>o u (ago (days 2)))))"
           ;; Another variable of the same name.
           "(run* (h) fail (fresh (t) (statuso h \"none\" 'ok t)) (fresh (t) (durationo 1 5 t) (<o t (days 2))))"
           "(run* (t) (== t 2) (<o t (days 1)) (fresh (q) (== q '((statuso h s 'ok t)))))")))
  (test-equal "what is said elsewhere is no matter: in another clause, of another variable, in data"
    '((() (never) ()) (()) (()) (()))
    (map (lambda (texts) (map (lambda (text) (answers text #f)) texts))
         '(("(run* (st) (conde (fail (fresh (h s t) (statuso h s st t))) (fail (== st 'gone))))"
            "(run* (last) (conde (fail (fresh (h s) (statuso h s 'ok last))) ((== last 'never))))"
            "(run* (st) fail (noto (fresh (h s t) (statuso h s st t))) (== st 'gone))")
           ("(run* (st) fail (fresh (h s t) (statuso h s st t)) (fresh (st) (== st 'gone)))")
           ("(run* (u) fail (fresh (h s t) (interruptiono h s t u)) (=/= u 'now) (== u 'now) (>o u 'now))")
           ("(run* (e) fail (fresh (h s i o a b) (runo i h s o a b e)) (== e #f))"))))
  (test-equal "conditions of Scheme on what is known are none"
    '((1) (2) (2) (1) () (5))
    (map (lambda (text) (answers text #f))
         '("(define some #t) (run* (q) (if some (== q 1) (== q 2)))"
           "(defrel (two n q) (cond ((= n 1) (== q 1)) (else (== q 2)))) (run* (q) (two 2 q))"
           "(run* (q) (fresh (x) (== x 1) (project (x) (if (= x 2) (== q 1) (== q 2)))))"
           "(run* (q) (let ((q 1)) (when (= q 1) succeed)) (== q 1))"
           "(define (of key) (run* (h) fail (facto h (or key \"a\") 1))) (of #f)"
           "(define none #f) (run* (q) (== q (or none 5)))")))
  (test-equal "what is known where a run begins, another one inside may use"
    '((1) ((5)) ((6)) (2) ((8)))
    (map (lambda (text) (answers text #f))
         '("(run* (n) (fresh (x) (== x 1) (project (x) (== n (car (run* (y) (== y x)))))))"
           "(map (lambda (x) (run* (y) (== y x))) (run* (x) (== x 5)))"
           "(defrel (ao x y) (== y (run* (z) (== z x)))) (run* (y) (ao 6 y))"
           "(run* (x) (== x (+ 1 (car (run* (y) (fresh (x) (== x 1) (== y x)))))))"
           "(let ((x 8)) (run* (y) (== y (run* (z) (== z x)))))")))
  (test-equal "what only looks like a mistake is none"
    '((1) (1) ((== 1)) (3))
    (list (answers "(let ((g (lambda (x) (== x 1)))) (run* (q) (g q)))" #f)
          (answers "(defrel (a x) \"A.\" (== x 1)) (run* (q) (fresh (runo) (== runo 1) (a runo) (== q runo)))"
                   #f)
          (answers "(run* (q) (== q '(== 1)))" #f)
          (answers "(run* (q) succeed (conde ((== q 3)) (fail)))" #f))))
