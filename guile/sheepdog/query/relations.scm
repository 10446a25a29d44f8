;;; relations.scm -- what the store knows, as relations.
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Times are seconds since the epoch.  An interval holds from since up to until, which is the symbol
;;; now while it lasts; comparisons take now for the present time.
(define-module (sheepdog query relations)
  #:use-module (sheepdog query call)
  #:export (hosto facto fact-duringo packageo package-duringo
            serviceo statuso stateo interruptiono incidento expectationo
            reporto evento runo run-useo run-signalo sampleo))

(define-syntax-rule (define-column name type sql doc)
  ;; A column that several relations have.
  (define name '(name type sql doc)))

(define-column host string "h.name" "Name of the host.")
(define-column service string "v.name" "Name of the service on the host.")

;;; Hosts and what holds on them.

(define-store-relation (hosto host)
  "HOST is a host of the herd."
  #:columns (list host)
  #:from '((h host))
  #:example '(run* (host) (hosto host)))

(define fact-tables
  '((f fact) (h host (host_id f.host_id)) (k key (key_id f.key_id))))

(define fact-columns
  (list host
        '(key key "k.name" "Name of the fact, as host.memory.")
        '(value value "f.value" "What it is, in the unit that the plugin gives it.")))

(define interval-columns
  '((since time "f.since" "From when on it holds.")
    (until end "f.until" "Until when it held.")))

(define-store-relation (facto host key value)
  "The fact KEY of HOST is VALUE now."
  #:columns fact-columns
  #:from fact-tables
  #:where '("f.until IS NULL")
  #:example '(run* (host) (fresh (memory)
                            (facto host 'host.memory memory)
                            (<o memory (gibibytes 64)))))

(define-store-relation (fact-duringo host key value since until)
  "The fact KEY of HOST was VALUE from SINCE until UNTIL."
  #:columns (append fact-columns interval-columns)
  #:from fact-tables
  #:example '(run* (kernel since until)
               (fact-duringo "tux01" 'host.kernel kernel since until)))

(define package-columns
  ;; A package is a fact whose key is this prefix and the package's name.
  (list host
        '(name package "k.name" "Name of the package.")
        '(version string "f.value" "Its version, as the package manager writes it.")))

(define package-where "+k.name >= 'package.' AND +k.name < 'package/'")

(define-store-relation (packageo host name version)
  "The package NAME is installed on HOST now, in VERSION."
  #:columns package-columns
  #:from fact-tables
  #:where (list package-where "f.until IS NULL")
  #:example '(run* (host version) (packageo host "nginx" version)))

(define-store-relation (package-duringo host name version since until)
  "The package NAME was installed on HOST in VERSION from SINCE until UNTIL."
  #:columns (append package-columns interval-columns)
  #:from fact-tables
  #:where (list package-where)
  #:example '(run* (host version until)
               (fresh (since)
                 (package-duringo host "nginx" version since until)
                 (>o since (ago (days 60))))))

;;; Services and how they are.

(define service-tables
  '((v service (service_id s.service_id)) (h host (host_id v.host_id))))

(define-store-relation (serviceo host service)
  "SERVICE is a service of HOST, whether it ever said how it is or not."
  #:columns (list host service)
  #:from '((v service) (h host (host_id v.host_id)))
  #:example '(run* (host) (serviceo host "backup")))

(define state-columns
  (list host service
        '(status status "s.status" "How it is.")
        '(since time "s.since" "Since when it is so.")))

(define until
  '(until end "s.until" "Until when it was so."))

(define-store-relation (statuso host service status since)
  "SERVICE on HOST has STATUS now, since SINCE."
  #:columns state-columns
  #:from (cons '(s state) service-tables)
  #:where '("s.until IS NULL")
  #:example '(run* (host service since) (statuso host service 'critical since)))

(define-store-relation (stateo host service status since until)
  "SERVICE on HOST had STATUS from SINCE until UNTIL."
  #:columns (append state-columns (list until))
  #:from (cons '(s state) service-tables)
  #:example '(run* (status since until) (stateo "tux01" "backup" status since until)))

(define-store-relation (interruptiono host service since until)
  "SERVICE on HOST was not ok from SINCE until UNTIL, whatever it was meanwhile."
  #:columns (list host service
                  '(since time "s.since" "When it ceased to be ok.")
                  '(until end "s.until" "When it was ok again."))
  #:from (cons '(s interruption) service-tables)
  ;; One that began before the month and reached into it counts; so it is its end that is compared.
  #:example '(run* (host service since)
               (fresh (until)
                 (interruptiono host service since until)
                 (>o until (ago (days 30))))))

(define-store-relation (incidento host service status opened closed)
  "SERVICE on HOST was in trouble from OPENED until CLOSED, in the worst case STATUS.  Other than an
interruption, an incident begins where judgement opened it, and somebody may have been told of it."
  #:columns (list host service
                  '(status status "s.status" "The worst that it came to: warning, critical, unknown or missing.")
                  '(opened time "s.opened" "Since when the service was not ok.")
                  '(closed end "s.closed" "When it was ok again."))
  #:from (cons '(s incident) service-tables)
  #:example '(run* (host service opened) (fresh (status)
                                           (incidento host service status opened 'now))))

(define-store-relation (expectationo host service due grace)
  "The next report of SERVICE on HOST is expected at DUE, and is missed after GRACE seconds more."
  #:columns (list host service
                  '(due time "s.due" "When it is expected.")
                  '(grace length "s.grace" "How many seconds later it may come."))
  #:from (cons '(s expectation) service-tables)
  ;; Who is late?
  #:example '(run* (host service due)
               (fresh (grace limit)
                 (expectationo host service due grace)
                 (durationo due limit grace)
                 (<o limit 'now))))

;;; What was said and done.

(define-store-relation (reporto id host service time plugin status summary)
  "The report ID said at TIME that SERVICE on HOST has STATUS, with SUMMARY."
  #:columns (list '(id id "r.uuid" "Id of the report.")
                  host service
                  '(time time "r.time" "When it happened.")
                  '(plugin string "r.plugin" "Whose receiver said what the report means.")
                  '(status status "coalesce(s.status, r.status)" "What it means for the service.")
                  '(summary string "coalesce(s.summary, r.summary)" "One line for people."))
  ;; The reports of a service are found by its observations, of which each report has one.
  #:from (cons* '(s observation)
                '(r report (report_id s.report_id) (service_id s.service_id) (time s.time))
                service-tables)
  #:where '("s.elsewhere = 0")
  #:example '(run 10 (time summary)
               (fresh (id plugin)
                 (reporto id "tux01" "backup" time plugin 'critical summary))))

(define-store-relation (evento host service name time)
  "NAME happened to SERVICE on HOST at TIME."
  #:columns (list host service
                  '(name key "s.name" "What happened, as reboot.")
                  '(time time "s.time" "When that was."))
  #:from (cons '(s event) service-tables)
  #:example '(run* (host time) (fresh (service)
                                 (evento host service 'reboot time)
                                 (>o time (ago (days 7))))))

(define run-id '(id id "s.uuid" "Id of the run."))

(define-store-relation (runo id host service outcome started ended exit)
  "The run ID of SERVICE on HOST began at STARTED and had OUTCOME at ENDED, with the status EXIT."
  #:columns (list run-id host service
                  '(outcome outcome "s.outcome" "What became of it.")
                  '(started start "s.started" "When it began.")
                  '(ended end "s.ended" "When it ended.")
                  '(exit number-or-none "s.exit" "Exit status of the command; after a signal there is none."))
  #:from (cons '(s run) service-tables)
  #:example '(run* (host exit ended)
               (fresh (id started)
                 (runo id host "backup" 'failed started ended exit))))

(define-store-relation (run-useo id user-cpu system-cpu memory output)
  "The run ID used USER-CPU and SYSTEM-CPU seconds and MEMORY bytes at most, and wrote OUTPUT bytes."
  #:columns (list run-id
                  '(user-cpu length-or-none "s.user_cpu" "How long the processors worked for it, where that was measured.")
                  '(system-cpu length-or-none "s.system_cpu" "How long they worked for it in the kernel, likewise.")
                  '(memory size-or-none "s.peak_memory" "Bytes of memory that it had at most, likewise.")
                  '(output size-or-none "s.output_bytes" "Bytes that it wrote to standard output and error, kept or not, likewise."))
  #:from '((s run))
  #:where '("coalesce(s.user_cpu, s.system_cpu, s.peak_memory, s.output_bytes) IS NOT NULL")
  ;; Runs that printed nothing.
  #:example '(run* (host service started)
               (fresh (id ended exit user system memory)
                 (runo id host service 'succeeded started ended exit)
                 (run-useo id user system memory 0))))

(define-store-relation (run-signalo id signal)
  "The run ID was ended by the signal of the number SIGNAL."
  #:columns (list run-id
                  '(signal number "s.signal" "Which signal; 9 is KILL, 15 is TERM."))
  #:from '((s run))
  #:where '("s.signal IS NOT NULL")
  #:example '(run* (host service ended)
               (fresh (id outcome started exit)
                 (run-signalo id 9)
                 (runo id host service outcome started ended exit))))

(define-store-relation (sampleo host key time value)
  "The sample KEY of HOST was VALUE at TIME, as long as single samples are kept."
  #:columns (list host
                  '(key key "k.name" "Name of the sample, as load.1.")
                  '(time time "s.time" "When it was taken.")
                  '(value number "s.value" "What was measured, in the unit that the plugin gives it."))
  #:from '((s sample) (h host (host_id s.host_id)) (k key (key_id s.key_id)))
  #:example '(run* (time value)
               (sampleo "tux01" 'load.1 time value)
               (>o time (ago (days 1)))))
