-- The next rows of projection $1: at most $2.
DELETE FROM access WHERE projection_id = $1 AND (what, position) <= (
    SELECT what, position FROM (
        SELECT what, position FROM access WHERE projection_id = $1 ORDER BY what, position LIMIT $2
    ) AS next ORDER BY what DESC, position DESC LIMIT 1
)
