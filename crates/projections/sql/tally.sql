-- How many members of a metric there are by place, part of dimension $4 and night: those up to the night before $8 as '', then what
-- each night up to $9 adds. $1 projection, $2 metric, $3 known at, $5 one part (empty: any), $6 to $7 the period, $10 to $21 three
-- ranges of cells that add up to it.
-- The cells as they were at the first mark that is not before the known position, or as they are; and without what came, with what
-- went, since that position.
WITH mark (at) AS (
    SELECT COALESCE(MIN(position), 9223372036854775807) FROM tally_mark WHERE projection_id = $1 AND position >= $3
), side (sign) AS (
    VALUES (1), (-1)
), cells (first, last, first_day, last_day) AS (
    VALUES (CAST($10 AS TEXT), CAST($11 AS TEXT), CAST($12 AS TEXT), CAST($13 AS TEXT)),
           (CAST($14 AS TEXT), CAST($15 AS TEXT), CAST($16 AS TEXT), CAST($17 AS TEXT)),
           (CAST($18 AS TEXT), CAST($19 AS TEXT), CAST($20 AS TEXT), CAST($21 AS TEXT))
), counted (place, part, day, n, total) AS (
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM mark CROSS JOIN cells CROSS JOIN tally AS t
    WHERE t.projection_id = $1 AND t.metric = $2 AND t.dimension = $4 AND t.counts_on >= cells.first AND t.counts_on <= cells.last
      AND t.day >= cells.first_day AND t.day <= cells.last_day AND t.known_after < mark.at
    UNION ALL
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM mark CROSS JOIN cells CROSS JOIN tally_before AS t
    WHERE mark.at < 9223372036854775807
      AND t.projection_id = $1 AND t.metric = $2 AND t.dimension = $4 AND t.counts_on >= cells.first AND t.counts_on <= cells.last
      AND t.day >= cells.first_day AND t.day <= cells.last_day AND t.known_after < mark.at AND t.known_until >= mark.at
    UNION ALL
    -- COALESCE keeps the period away from the index, which is of another order.
    SELECT s.place, CASE CAST($4 AS TEXT) WHEN '' THEN '' ELSE s.unit END, CASE side.sign WHEN 1 THEN s.valid_from ELSE s.valid_until END,
           -side.sign, -side.sign * COALESCE(s.value, 0)
    FROM mark CROSS JOIN standing AS s CROSS JOIN side
    WHERE s.projection_id = $1 AND s.metric = $2 AND s.known_from > $3 AND s.known_from <= mark.at
      AND COALESCE(s.counts_on, '') >= $6 AND COALESCE(s.counts_on, '') <= $7
    UNION ALL
    SELECT s.place, CASE CAST($4 AS TEXT) WHEN '' THEN '' ELSE s.unit END, CASE side.sign WHEN 1 THEN s.valid_from ELSE s.valid_until END,
           side.sign, side.sign * COALESCE(s.value, 0)
    FROM mark CROSS JOIN standing AS s CROSS JOIN side
    WHERE s.projection_id = $1 AND s.metric = $2 AND s.known_to < 9223372036854775807 AND s.known_to > $3 AND s.known_to <= mark.at
      AND COALESCE(s.counts_on, '') >= $6 AND COALESCE(s.counts_on, '') <= $7
)
SELECT place, part, CASE WHEN day < $8 THEN '' ELSE day END AS night, CAST(SUM(n) AS BIGINT), SUM(total)
FROM counted WHERE day <= $9 AND ($5 = '' OR part = $5)
GROUP BY place, part, night
