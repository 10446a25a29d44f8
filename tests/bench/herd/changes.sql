-- changes.sql -- the failures of the last month within a day after a package changed on the host.
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- ?1: a month ago, ?2: the length of a day, both in µs. A month is a third of all states: reading
-- them in their own order (+) takes less than looking each up by an index.
SELECT h.name, v.name, substr(k.name, 9), f.value, s.since
  FROM state s
 CROSS JOIN service v ON v.service_id = s.service_id
 CROSS JOIN fact f ON f.host_id = v.host_id AND f.since BETWEEN s.since - ?2 AND s.since
 CROSS JOIN key k ON k.key_id = f.key_id AND k.name >= 'package.' AND k.name < 'package/'
 CROSS JOIN host h ON h.host_id = v.host_id
 WHERE s.status = 2 AND +s.since > ?1
