-- downtime.sql -- the ten services that were longest not ok.
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- ?1: the present, in µs. Names are looked up for the ten only.
SELECT h.name, v.name, worst.down
  FROM (SELECT service_id, sum(coalesce(until, ?1) - since) AS down
          FROM interruption
         GROUP BY service_id ORDER BY down DESC LIMIT 10) worst
 CROSS JOIN service v ON v.service_id = worst.service_id
 CROSS JOIN host h ON h.host_id = v.host_id
