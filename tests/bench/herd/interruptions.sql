-- interruptions.sql -- the interruptions of the last month on low-memory hosts with this nginx.
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- ?1: a month ago, in µs.
SELECT h.name, v.name, s.since
  FROM fact m
 CROSS JOIN fact n ON n.host_id = m.host_id
 CROSS JOIN host h ON h.host_id = m.host_id
 CROSS JOIN service v ON v.host_id = m.host_id
 CROSS JOIN interruption s ON s.service_id = v.service_id
 WHERE m.key_id = (SELECT key_id FROM key WHERE name = 'host.memory')
   AND m.value < 4294967296 AND m.until IS NULL
   AND n.key_id = (SELECT key_id FROM key WHERE name = 'package.nginx')
   AND n.value = '1.24.0-2' AND n.until IS NULL
   AND (s.until > ?1 OR s.until IS NULL)
