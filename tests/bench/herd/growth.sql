-- growth.sql -- the hosts where more than 10 % more of the disk is in use than at the beginning of
-- the week.
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- ?1: a week ago, in µs.
SELECT h.name
  FROM key k CROSS JOIN host h
 WHERE k.name = 'disk./.used'
   AND (SELECT s.value FROM sample s
         WHERE s.host_id = h.host_id AND s.key_id = k.key_id AND s.time >= ?1
         ORDER BY s.time DESC LIMIT 1)
       > 1.1 * (SELECT s.value FROM sample s
                 WHERE s.host_id = h.host_id AND s.key_id = k.key_id AND s.time >= ?1
                 ORDER BY s.time LIMIT 1)
