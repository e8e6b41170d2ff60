-- The next cells of projection $1: at most $2.
DELETE FROM tally_before WHERE projection_id = $1 AND (metric, dimension, counts_on, day, place, part, known_after) <= (
    SELECT metric, dimension, counts_on, day, place, part, known_after FROM (
        SELECT metric, dimension, counts_on, day, place, part, known_after FROM tally_before WHERE projection_id = $1
        ORDER BY metric, dimension, counts_on, day, place, part, known_after LIMIT $2
    ) AS next ORDER BY metric DESC, dimension DESC, counts_on DESC, day DESC, place DESC, part DESC, known_after DESC LIMIT 1
)
