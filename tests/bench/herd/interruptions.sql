-- interruptions.sql -- the interruptions of the last month on low-memory hosts with this nginx.
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- ?1: a month ago, in µs. What interrupted a service then began after it was last ok by that time.
SELECT h.name, v.name, s.since
  FROM fact m
 CROSS JOIN fact n ON n.host_id = m.host_id
 CROSS JOIN host h ON h.host_id = m.host_id
 CROSS JOIN service v ON v.host_id = m.host_id
 CROSS JOIN state s ON s.service_id = v.service_id
 WHERE m.key_id = (SELECT key_id FROM key WHERE name = 'host.memory')
   AND m.value < 4294967296 AND m.until IS NULL
   AND n.key_id = (SELECT key_id FROM key WHERE name = 'package.nginx')
   AND n.value = '1.24.0-2' AND n.until IS NULL
   AND s.since >= coalesce((SELECT max(o.since) FROM state o
                             WHERE o.service_id = v.service_id AND o.since <= ?1 AND o.status = 0), 0)
   AND s.status <> 0
   AND coalesce((SELECT p.status FROM state p
                  WHERE p.service_id = s.service_id AND p.since < s.since
                  ORDER BY p.since DESC LIMIT 1), 0) = 0
