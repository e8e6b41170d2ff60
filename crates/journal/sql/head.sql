-- The head and the last event, which must say the same; one row in any case, so that either is missed where only the other is there.
SELECT l.name, l.contract, l.incarnation, l.position, l.recorded_at, l.leaf_hash, e.position, e.recorded_at, e.leaf_hash
FROM (SELECT 1) AS one
LEFT JOIN log AS l ON l.log_id = $1
LEFT JOIN event AS e ON e.log_id = $1 AND e.position = (SELECT MAX(position) FROM event WHERE log_id = $1)
