-- The largest number from $1 to $2 (exclusive), the range of a projection.
SELECT MAX(n) FROM (
    SELECT MAX(row_id) AS n FROM standing WHERE row_id >= $1 AND row_id < $2
    UNION ALL SELECT MAX(row_id) FROM case_state WHERE row_id >= $1 AND row_id < $2
    UNION ALL SELECT MAX(thing_id) FROM thing WHERE thing_id >= $1 AND thing_id < $2
) AS numbers
