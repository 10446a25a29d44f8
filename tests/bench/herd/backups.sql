-- backups.sql -- the hosts without a backup that succeeded in the last week.
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- ?1: a week ago, in µs.
SELECT h.name
  FROM host h
 WHERE NOT EXISTS
       (SELECT 1
          FROM service v CROSS JOIN run r ON r.service_id = v.service_id
         WHERE v.host_id = h.host_id AND v.name = 'backup'
           AND r.outcome = 'succeeded' AND r.ended > ?1)
