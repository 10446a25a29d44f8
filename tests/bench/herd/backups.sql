-- backups.sql -- the hosts without a backup that succeeded in the last week.
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- ?1: a week ago, in µs. A host's runs are looked at from the newest on, so that the first is enough.
SELECT h.name
  FROM host h
 WHERE (SELECT 1
          FROM service v CROSS JOIN run r ON r.service_id = v.service_id
         WHERE v.host_id = h.host_id AND v.name = 'backup'
           AND r.outcome = 'succeeded' AND r.ended > ?1
         ORDER BY r.started DESC LIMIT 1) IS NULL
