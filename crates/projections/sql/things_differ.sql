-- Things of one projection ($1) with numbers after $3 up to $4 of which another ($2) says something else, as known at position $5 of
-- the days up to $6; what is known for longer reads as now. Only those that the other does not have, where $7 is 1.
WITH page AS (
    SELECT a.thing_id, b.thing_id AS other_id, a.kind, a.system, a.id
    FROM thing AS a LEFT JOIN thing AS b ON b.kind = a.kind AND b.system = a.system AND b.id = a.id AND b.projection_id = $2
    WHERE a.projection_id = $1 AND a.thing_id > $3 AND a.thing_id <= $4 AND (CAST($7 AS BIGINT) = 0 OR b.thing_id IS NULL)
), side (page_id, thing_id, sign) AS (
    SELECT thing_id, thing_id, 1 FROM page
    UNION ALL SELECT thing_id, other_id, -1 FROM page WHERE other_id IS NOT NULL
), differs (page_id) AS (
    SELECT side.page_id FROM side CROSS JOIN standing AS s
    WHERE s.thing_id = side.thing_id AND s.known_from <= $5 AND s.valid_from <= $6
    GROUP BY side.page_id, s.known_from, CASE WHEN s.known_to > $5 THEN 9223372036854775807 ELSE s.known_to END, s.valid_from, s.valid_until,
        s.metric, s.place, s.why, s.counts_on, s.value, s.unit, s.item, s.staff, s.window_id, s.channel, s.kind, s.evidence
    HAVING SUM(side.sign) <> 0
    UNION SELECT side.page_id FROM side CROSS JOIN case_state AS c
    WHERE c.thing_id = side.thing_id AND c.known_from <= $5 AND c.valid_from <= $6
    GROUP BY side.page_id, c.known_from, CASE WHEN c.known_to > $5 THEN 9223372036854775807 ELSE c.known_to END, c.valid_from, c.valid_until,
        c.system, c.id, c.state, c.unit, c.item, c.received_on
    HAVING SUM(side.sign) <> 0
)
SELECT kind, system, id FROM page WHERE thing_id IN (SELECT page_id FROM differs) ORDER BY thing_id
