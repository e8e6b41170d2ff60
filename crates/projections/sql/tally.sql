-- How many members of a metric there are by place, part of dimension $4 and night: those up to the night before $8 as '', then what
-- each night up to $9 adds. $1 projection, $2 metric, $3 known at, $5 one part (empty: any), $6 to $7 the period.
-- The cells as they were at the first mark that is not before the known position, or as they are; and without what came, with what
-- went, since that position. Which cells: of the whole time those of the days $10 to $11 and $12 to $13, and those that count on $14
-- to $15, $16 to $17 and $18 to $19.
WITH mark (at) AS (
    SELECT COALESCE(MIN(position), 9223372036854775807) FROM tally_mark WHERE projection_id = $1 AND position >= $3
), days (first, last) AS (
    VALUES (CAST($10 AS TEXT), CAST($11 AS TEXT)), (CAST($12 AS TEXT), CAST($13 AS TEXT))
), spans (first, last) AS (
    VALUES (CAST($14 AS TEXT), CAST($15 AS TEXT)), (CAST($16 AS TEXT), CAST($17 AS TEXT)), (CAST($18 AS TEXT), CAST($19 AS TEXT))
), side (sign) AS (
    VALUES (1), (-1)
), counted (place, part, day, n, total) AS (
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM mark CROSS JOIN days CROSS JOIN tally AS t
    WHERE t.projection_id = $1 AND t.metric = $2 AND t.dimension = $4 AND t.counts_on = '*'
      AND t.day >= days.first AND t.day <= days.last AND t.known_after < mark.at
    UNION ALL
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM mark CROSS JOIN spans CROSS JOIN tally AS t
    WHERE t.projection_id = $1 AND t.metric = $2 AND t.dimension = $4 AND t.counts_on >= spans.first AND t.counts_on <= spans.last
      AND t.known_after < mark.at
    UNION ALL
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM mark CROSS JOIN days CROSS JOIN tally_before AS t
    WHERE mark.at < 9223372036854775807
      AND t.projection_id = $1 AND t.metric = $2 AND t.dimension = $4 AND t.counts_on = '*'
      AND t.day >= days.first AND t.day <= days.last AND t.known_after < mark.at AND t.known_until >= mark.at
    UNION ALL
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM mark CROSS JOIN spans CROSS JOIN tally_before AS t
    WHERE mark.at < 9223372036854775807
      AND t.projection_id = $1 AND t.metric = $2 AND t.dimension = $4 AND t.counts_on >= spans.first AND t.counts_on <= spans.last
      AND t.known_after < mark.at AND t.known_until >= mark.at
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
