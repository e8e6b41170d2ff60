-- The next rows of a projection, whose numbers are from $1 to $2 (exclusive): at most $3 and those of the same number.
DELETE FROM thing WHERE thing_id >= $1 AND thing_id < $2 AND thing_id <= (SELECT MAX(n) FROM (SELECT thing_id AS n FROM thing WHERE thing_id >= $1 AND thing_id < $2 ORDER BY thing_id LIMIT $3) AS next)
