-- changes.sql -- the failures of the last month within a day after a package changed on the host.
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- ?1: a month ago, ?2: the length of a day, both in µs. From host to service to state each look-up is
-- next to the one before; from the changes, or through state_by_since, it takes two to four times
-- as long, and in the order that SQLite chooses by itself fifty times.
SELECT h.name, v.name, substr(k.name, 9), f.value, s.since
  FROM host h
 CROSS JOIN service v ON v.host_id = h.host_id
 CROSS JOIN state s ON s.service_id = v.service_id AND s.since > ?1 AND s.status = 2
 CROSS JOIN fact f ON f.host_id = h.host_id AND f.since BETWEEN s.since - ?2 AND s.since
 CROSS JOIN key k ON k.key_id = f.key_id AND k.name >= 'package.' AND k.name < 'package/'
