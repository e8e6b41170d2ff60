-- The next rows of a projection, whose numbers are from $1 to $2 (exclusive): at most $3 and those of the same number.
DELETE FROM standing WHERE row_id >= $1 AND row_id < $2 AND row_id <= (SELECT MAX(n) FROM (SELECT row_id AS n FROM standing WHERE row_id >= $1 AND row_id < $2 ORDER BY row_id LIMIT $3) AS next)
