-- How many cells of a metric ($3) two projections ($1, $2) have otherwise, as known at position $4, of the days up to $5 and the
-- months before $6 (#YYYY-MM). What came and went since that position is taken back in every cell that holds it; $7 is 1 for a metric
-- of a night, which has cells of the whole time only.
WITH version (projection_id, side) AS (
    VALUES (CAST($1 AS BIGINT), 1), (CAST($2 AS BIGINT), -1)
), holds (counts_on, day, of_period, of_units) AS (
    VALUES ('all', 'month', 0, 0), ('all', 'day', 0, 1), ('month', 'day', 1, 0), ('day', 'day', 1, 1)
), dimension (name) AS (
    VALUES (''), ('unit')
), bound (sign) AS (
    VALUES (1), (-1)
), moved (place, unit, counts_on, day, n, total) AS (
    SELECT s.place, s.unit, s.counts_on, CASE bound.sign WHEN 1 THEN s.valid_from ELSE s.valid_until END,
           -version.side * bound.sign, -version.side * bound.sign * COALESCE(s.value, 0)
    FROM version CROSS JOIN standing AS s CROSS JOIN bound
    WHERE s.projection_id = version.projection_id AND s.metric = $3 AND s.known_from > $4
    UNION ALL
    SELECT s.place, s.unit, s.counts_on, CASE bound.sign WHEN 1 THEN s.valid_from ELSE s.valid_until END,
           version.side * bound.sign, version.side * bound.sign * COALESCE(s.value, 0)
    FROM version CROSS JOIN standing AS s CROSS JOIN bound
    WHERE s.projection_id = version.projection_id AND s.metric = $3 AND s.known_to < 9223372036854775807 AND s.known_to > $4
), counted (dimension, counts_on, day, place, part, n, total) AS (
    SELECT t.dimension, t.counts_on, t.day, t.place, t.part, version.side * t.n, version.side * t.total
    FROM version CROSS JOIN tally AS t
    WHERE t.projection_id = version.projection_id AND t.metric = $3
    UNION ALL
    SELECT dimension.name,
           CASE holds.counts_on WHEN 'all' THEN '*' WHEN 'month' THEN '#' || SUBSTR(moved.counts_on, 1, 7) ELSE moved.counts_on END,
           CASE holds.day WHEN 'month' THEN '#' || SUBSTR(moved.day, 1, 7) ELSE moved.day END,
           moved.place, CASE dimension.name WHEN 'unit' THEN moved.unit ELSE '' END, moved.n, moved.total
    FROM moved CROSS JOIN holds CROSS JOIN dimension
    WHERE (CAST($7 AS BIGINT) = 0 OR holds.of_period = 0) AND (dimension.name = '' OR holds.of_units = 1) AND moved.day < '9999-12-31'
)
SELECT COUNT(*) FROM (
    SELECT 1 FROM counted WHERE (day >= '0' AND day <= $5) OR day < $6
    GROUP BY dimension, counts_on, day, place, part HAVING SUM(n) <> 0 OR SUM(total) <> 0
) AS cells
