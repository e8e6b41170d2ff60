-- The next cells of projection $1: at most $2.
DELETE FROM tally WHERE projection_id = $1 AND (metric, dimension, counts_on, day, place, part) <= (
    SELECT metric, dimension, counts_on, day, place, part FROM (
        SELECT metric, dimension, counts_on, day, place, part FROM tally WHERE projection_id = $1
        ORDER BY metric, dimension, counts_on, day, place, part LIMIT $2
    ) AS next ORDER BY metric DESC, dimension DESC, counts_on DESC, day DESC, place DESC, part DESC LIMIT 1
)
