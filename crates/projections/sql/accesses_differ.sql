-- How many of the rows by which records are found in one projection ($1) another ($2) does not have, of the next $6 after ($3, $4) in
-- the order of the key, as far as position $5; with the last of them.
WITH page AS (
    SELECT what, position FROM access
    WHERE projection_id = $1 AND (what, position) > ($3, CAST($4 AS BIGINT)) AND position <= $5
    ORDER BY what, position LIMIT $6
), last AS (
    SELECT what, position FROM page ORDER BY what DESC, position DESC LIMIT 1
)
SELECT last.what, last.position,
       (SELECT COUNT(*) FROM page WHERE NOT EXISTS (
            SELECT 1 FROM access AS b WHERE b.projection_id = $2 AND b.what = page.what AND b.position = page.position))
FROM last
