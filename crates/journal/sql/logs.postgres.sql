-- For Postgres only: every log by its head, and every number that events stand under, found by one probe each. A name that is
-- missing is a lost head.
WITH RECURSIVE held (log_id) AS (
    SELECT MIN(log_id) FROM event
    UNION ALL
    SELECT (SELECT MIN(e.log_id) FROM event AS e WHERE e.log_id > held.log_id) FROM held WHERE held.log_id IS NOT NULL
)
SELECT l.name, COALESCE(l.log_id, h.log_id)
FROM log AS l
FULL JOIN (SELECT log_id FROM held WHERE log_id IS NOT NULL) AS h ON h.log_id = l.log_id
ORDER BY 2
