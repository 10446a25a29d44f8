// schema_1.cc -- the tables of the store, version 1.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Times are integers, microseconds since 1970 in UTC. An interval holds from since up to, but not
// at, until; until NULL means now. Where two observations of one subject have the same time, the
// one whose report has the greater uuid counts from that time on. A status is 0 ok, 1 warning,
// 2 critical, 3 unknown, 4 missing.
//
// The tables that grow with every report have no foreign keys: SQLite would look each of them up
// again, and the writer has just made those rows itself.
#include "store/schema.hh"

namespace sheepdog::schema {

const char* const version_1 = R"sql(

-- What the store says about itself.
CREATE TABLE meta(
  name  TEXT PRIMARY KEY,  -- uuid: of this store, names its consumer group;
                           -- dead_letters_dropped: how many were too many to keep;
                           -- reports_refused: how many became dead letters;
  value NOT NULL           -- retention_report: up to which report retention has looked
) WITHOUT ROWID;

-- A machine of the herd.
CREATE TABLE host(
  host_id INTEGER PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE,
  skew    INTEGER NOT NULL DEFAULT 0  -- µs its clock was ahead, where that was more than 5 minutes
);

-- A named thing on a host that has a status.
CREATE TABLE service(
  service_id INTEGER PRIMARY KEY,
  host_id    INTEGER NOT NULL REFERENCES host,
  name       TEXT NOT NULL,
  plugin     TEXT NOT NULL,  -- of the report that arrived last with another one than before
  owner      INTEGER,        -- uid of the local user who reported it first; NULL: root, a daemon,
  UNIQUE(host_id, name)      -- or whoever holds the broker's password
);
CREATE INDEX service_by_name ON service(name);

-- Names of facts and samples, and the prefixes of complete sets of facts, stored once.
CREATE TABLE key(
  key_id INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE
);

-- What was sent. report_id ascends in the order of arrival, and is never used twice.
CREATE TABLE report(
  report_id      INTEGER PRIMARY KEY,
  uuid           BLOB NOT NULL UNIQUE,  -- 16 bytes: the id that the reporter gave it
  service_id     INTEGER NOT NULL,
  time           INTEGER NOT NULL,      -- when it happened
  arrival        INTEGER NOT NULL,      -- when it was committed here
  plugin         TEXT NOT NULL,         -- as it was sent
  unknown_plugin INTEGER NOT NULL,      -- 1: there was no such plugin, message received it
  status         INTEGER NOT NULL,      -- as it was sent; what it meant is in observation
  uid            INTEGER,               -- of the local user who sent it; NULL as with service.owner
  imported       INTEGER NOT NULL,      -- 1: history from elsewhere, never judged
  skew           INTEGER NOT NULL,      -- µs its time was ahead of arrival, where too far; or 0
  summary        TEXT NOT NULL,
  data           TEXT                   -- JSON object; NULL: {}, or no longer kept
);
CREATE INDEX report_by_time ON report(time);

-- Which report spoke of which service, and what status it said. One row at least for each report.
CREATE TABLE observation(
  service_id INTEGER NOT NULL,
  time       INTEGER NOT NULL,
  report_id  INTEGER NOT NULL,
  status     INTEGER,           -- NULL: it said nothing about the status
  elsewhere  INTEGER NOT NULL,  -- 1: the service is not the report's own
  summary    TEXT,              -- NULL: the report's own
  PRIMARY KEY(service_id, time, report_id)
) WITHOUT ROWID;
CREATE INDEX observation_elsewhere ON observation(report_id) WHERE elsewhere;

-- The status of a service: maximal runs of equal observations, without gaps.
CREATE TABLE state(
  service_id INTEGER NOT NULL REFERENCES service,
  since      INTEGER NOT NULL,
  until      INTEGER,           -- NULL: it is so now
  status     INTEGER NOT NULL,
  report_id  INTEGER NOT NULL,  -- that began it
  judged     INTEGER NOT NULL,  -- 0: judgement has not yet looked at this change
  PRIMARY KEY(service_id, since)
) WITHOUT ROWID;
CREATE INDEX state_by_status ON state(status, since);
CREATE INDEX state_now ON state(status, since) WHERE until IS NULL;
CREATE INDEX state_unjudged ON state(since) WHERE judged = 0;

-- Maximal intervals in which a service was not ok, whatever it was meanwhile.
CREATE TABLE interruption(
  service_id INTEGER NOT NULL REFERENCES service,
  since      INTEGER NOT NULL,
  until      INTEGER,           -- since of the next state that is ok; NULL: it lasts
  report_id  INTEGER NOT NULL,  -- of the state that began it
  PRIMARY KEY(service_id, since)
) WITHOUT ROWID;
CREATE INDEX interruption_by_since ON interruption(since);
CREATE INDEX interruption_now ON interruption(service_id) WHERE until IS NULL;

-- What a report said about a fact. In a complete set (fact_set) only what differs from what was in
-- force just before is written.
CREATE TABLE fact_observation(
  host_id   INTEGER NOT NULL,
  key_id    INTEGER NOT NULL,
  time      INTEGER NOT NULL,
  report_id INTEGER NOT NULL,
  in_set    INTEGER NOT NULL,  -- 1: said by a complete set alone
  value,                       -- integer, real or text as it was said; NULL: there is none
  PRIMARY KEY(host_id, key_id, time, report_id)
) WITHOUT ROWID;
CREATE INDEX fact_observation_by_report ON fact_observation(report_id);

-- That a report told all the facts of a host whose keys start with a prefix.
CREATE TABLE fact_set(
  host_id   INTEGER NOT NULL,
  prefix_id INTEGER NOT NULL,  -- a key_id
  time      INTEGER NOT NULL,
  report_id INTEGER NOT NULL,
  PRIMARY KEY(host_id, prefix_id, time, report_id)
) WITHOUT ROWID;
CREATE INDEX fact_set_by_report ON fact_set(report_id);

-- What held on a host, and when: maximal runs of equal observations. Booleans are 1 and 0.
CREATE TABLE fact(
  host_id   INTEGER NOT NULL REFERENCES host,
  key_id    INTEGER NOT NULL REFERENCES key,
  since     INTEGER NOT NULL,
  until     INTEGER,           -- NULL: it holds now
  value     NOT NULL,          -- integer, real or text
  report_id INTEGER NOT NULL,  -- that said it first
  PRIMARY KEY(host_id, key_id, since)
) WITHOUT ROWID;
CREATE INDEX fact_by_value ON fact(key_id, value);
CREATE INDEX fact_by_since ON fact(host_id, since);

-- A number at a time.
CREATE TABLE sample(
  host_id   INTEGER NOT NULL,
  key_id    INTEGER NOT NULL,
  time      INTEGER NOT NULL,
  report_id INTEGER NOT NULL,
  value     REAL NOT NULL,     -- in the unit that the plugin gives it
  PRIMARY KEY(host_id, key_id, time, report_id)
) WITHOUT ROWID;

-- What is left of old samples: one row for each hour.
CREATE TABLE sample_hour(
  host_id INTEGER NOT NULL,
  key_id  INTEGER NOT NULL,
  hour    INTEGER NOT NULL,  -- its first µs
  n       INTEGER NOT NULL,  -- how many samples
  min     REAL NOT NULL,
  max     REAL NOT NULL,
  sum     REAL NOT NULL,
  PRIMARY KEY(host_id, key_id, hour)
) WITHOUT ROWID;

-- Something that happened.
CREATE TABLE event(
  event_id   INTEGER PRIMARY KEY,
  service_id INTEGER NOT NULL REFERENCES service,
  time       INTEGER NOT NULL,
  name       TEXT NOT NULL,     -- inform: somebody is to be told
  data       TEXT NOT NULL,     -- JSON object
  report_id  INTEGER NOT NULL,  -- retention may have removed it
  judged     INTEGER NOT NULL   -- 0: an inform that judgement has not yet looked at
);
CREATE INDEX event_by_service ON event(service_id, time);
CREATE INDEX event_by_name ON event(name, time);
CREATE INDEX event_unjudged ON event(time) WHERE judged = 0;

-- One execution of a command.
CREATE TABLE run(
  run_id       INTEGER PRIMARY KEY,
  uuid         BLOB NOT NULL UNIQUE,  -- 16 bytes
  service_id   INTEGER NOT NULL REFERENCES service,
  started      INTEGER,
  ended        INTEGER,   -- NULL: it runs, as far as we know
  lease_until  INTEGER,   -- past this without an end it has vanished; NULL: no lease
  outcome      TEXT,      -- succeeded failed timed-out vanished cancelled unknown; NULL: it runs
  exit         INTEGER,   -- exit status of the command
  signal       INTEGER,   -- number of the signal that ended it
  error        TEXT,      -- why it could not be started
  attempt      INTEGER,   -- counts from 1 where it was tried again
  user_cpu     INTEGER,   -- µs
  system_cpu   INTEGER,   -- µs
  peak_memory  INTEGER,   -- bytes
  output_bytes INTEGER,   -- that it wrote, kept or not
  argv         TEXT,      -- JSON array of strings
  user         TEXT,
  directory    TEXT,
  start_report INTEGER,   -- report_id; retention may have removed it
  end_report   INTEGER    -- report_id; its data has the output; likewise, unless the run failed
);
CREATE INDEX run_by_service ON run(service_id, started);
CREATE INDEX run_by_outcome ON run(service_id, outcome, ended);
CREATE INDEX run_by_started ON run(started);
CREATE INDEX run_by_end ON run(end_report) WHERE end_report IS NOT NULL;
CREATE INDEX run_open ON run(lease_until) WHERE outcome IS NULL;

-- When the next report of a service is due; the newest expectation alone.
CREATE TABLE expectation(
  service_id INTEGER PRIMARY KEY REFERENCES service,
  due        INTEGER NOT NULL,
  grace      INTEGER NOT NULL,  -- µs after due until it is missing
  time       INTEGER NOT NULL,  -- of the report that said so
  report_id  INTEGER NOT NULL
);

-- A service's trouble, from its first failing to its recovery.
CREATE TABLE incident(
  incident_id INTEGER PRIMARY KEY,
  service_id  INTEGER NOT NULL REFERENCES service,
  opened      INTEGER NOT NULL,  -- since of the state that opened it
  closed      INTEGER,           -- since of the state that closed it; NULL: it is open
  status      INTEGER NOT NULL   -- the worst it came to
);
CREATE UNIQUE INDEX incident_open ON incident(service_id) WHERE closed IS NULL;
CREATE INDEX incident_by_service ON incident(service_id, opened);

-- One message to one notifier.
CREATE TABLE notice(
  notice_id   INTEGER PRIMARY KEY,
  incident_id INTEGER REFERENCES incident,  -- NULL: about an event
  event_id    INTEGER REFERENCES event,
  kind        TEXT NOT NULL,                -- opened, closed or inform
  notifier    TEXT NOT NULL,
  message     TEXT NOT NULL,                -- JSON object: what is said
  created     INTEGER NOT NULL,
  due         INTEGER NOT NULL,             -- when to try (again)
  attempts    INTEGER NOT NULL DEFAULT 0,
  sent        INTEGER,                      -- when the other side took it
  failed      INTEGER,                      -- when it was given up
  error       TEXT,                         -- of the last attempt
  UNIQUE(incident_id, kind, notifier),
  UNIQUE(event_id, notifier)
);
CREATE INDEX notice_waiting ON notice(due) WHERE sent IS NULL AND failed IS NULL;

-- What could not be stored, or whose receiver failed.
CREATE TABLE dead_letter(
  dead_letter_id INTEGER PRIMARY KEY,
  uuid           BLOB UNIQUE,        -- of the report, or derived from where it came from
  time           INTEGER NOT NULL,   -- arrival
  reason         TEXT NOT NULL,
  body           BLOB NOT NULL,      -- the first 64 KiB
  length         INTEGER NOT NULL,   -- bytes of the whole
  sha256         TEXT NOT NULL       -- of the whole, hexadecimal
);

)sql";

}  // namespace sheepdog::schema
