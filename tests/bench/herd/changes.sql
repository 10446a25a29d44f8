-- changes.sql -- the failures of the last month within a day after a package changed on the host.
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- ?1: a month ago, ?2: the length of a day, both in µs. The plus keeps SQLite from beginning with the
-- keys of packages, which are nearly all keys: that takes thirty times as long.
SELECT h.name, v.name, substr(k.name, 9), f.value, s.since
  FROM state s
  JOIN service v ON v.service_id = s.service_id
  JOIN host h ON h.host_id = v.host_id
  JOIN fact f ON f.host_id = h.host_id AND f.since BETWEEN s.since - ?2 AND s.since
  JOIN key k ON k.key_id = +f.key_id AND k.name >= 'package.' AND k.name < 'package/'
 WHERE s.status = 2 AND s.since > ?1
