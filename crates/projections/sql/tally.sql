-- How many members of a metric there are by place, part of a dimension and night: those up to the night before $8 as '', then what
-- each night up to $9 adds. $1 projection, $2 metric, $3 known at, $4 the dimension, $5 one part (empty: any), $6 to $7 the period.
-- The cells as they were at the first mark that is not before the known position, or as they are; and without what came, with what
-- went, since that position. Which cells: of the whole time those of the days $10 to $11 and $12 to $13, and those that count on $14
-- to $15, $16 to $17 and $18 to $19.
-- What is asked is a table of its own, so that Postgres sees that it need not plan anew for other values.
WITH asked (projection_id, metric, known, dimension, part, first, last) AS (
    VALUES (CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS TEXT))
), mark (at) AS (
    SELECT COALESCE(MIN(m.position), 9223372036854775807)
    FROM asked CROSS JOIN tally_mark AS m WHERE m.projection_id = asked.projection_id AND m.position >= asked.known
), days (first, last) AS (
    VALUES (CAST($10 AS TEXT), CAST($11 AS TEXT)), (CAST($12 AS TEXT), CAST($13 AS TEXT))
), spans (first, last) AS (
    VALUES (CAST($14 AS TEXT), CAST($15 AS TEXT)), (CAST($16 AS TEXT), CAST($17 AS TEXT)), (CAST($18 AS TEXT), CAST($19 AS TEXT))
), side (sign) AS (
    VALUES (1), (-1)
), counted (place, part, day, n, total) AS (
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM asked CROSS JOIN mark CROSS JOIN days CROSS JOIN tally AS t
    WHERE t.projection_id = asked.projection_id AND t.metric = asked.metric AND t.dimension = asked.dimension AND t.counts_on = '*'
      AND t.day >= days.first AND t.day <= days.last AND t.known_after < mark.at
    UNION ALL
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM asked CROSS JOIN mark CROSS JOIN spans CROSS JOIN tally AS t
    WHERE t.projection_id = asked.projection_id AND t.metric = asked.metric AND t.dimension = asked.dimension
      AND t.counts_on >= spans.first AND t.counts_on <= spans.last AND t.known_after < mark.at
    UNION ALL
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM asked CROSS JOIN mark CROSS JOIN days CROSS JOIN tally_before AS t
    WHERE mark.at < 9223372036854775807
      AND t.projection_id = asked.projection_id AND t.metric = asked.metric AND t.dimension = asked.dimension AND t.counts_on = '*'
      AND t.day >= days.first AND t.day <= days.last AND t.known_after < mark.at AND t.known_until >= mark.at
    UNION ALL
    SELECT t.place, t.part, t.day, t.n, t.total
    FROM asked CROSS JOIN mark CROSS JOIN spans CROSS JOIN tally_before AS t
    WHERE mark.at < 9223372036854775807
      AND t.projection_id = asked.projection_id AND t.metric = asked.metric AND t.dimension = asked.dimension
      AND t.counts_on >= spans.first AND t.counts_on <= spans.last AND t.known_after < mark.at AND t.known_until >= mark.at
    UNION ALL
    -- COALESCE keeps the period away from the index, which is of another order.
    SELECT s.place, CASE asked.dimension WHEN '' THEN '' ELSE s.unit END, CASE side.sign WHEN 1 THEN s.valid_from ELSE s.valid_until END,
           -side.sign, -side.sign * COALESCE(s.value, 0)
    FROM asked CROSS JOIN mark CROSS JOIN standing AS s CROSS JOIN side
    WHERE s.projection_id = asked.projection_id AND s.metric = asked.metric AND s.known_from > asked.known AND s.known_from <= mark.at
      AND COALESCE(s.counts_on, '') >= asked.first AND COALESCE(s.counts_on, '') <= asked.last
    UNION ALL
    SELECT s.place, CASE asked.dimension WHEN '' THEN '' ELSE s.unit END, CASE side.sign WHEN 1 THEN s.valid_from ELSE s.valid_until END,
           side.sign, side.sign * COALESCE(s.value, 0)
    FROM asked CROSS JOIN mark CROSS JOIN standing AS s CROSS JOIN side
    WHERE s.projection_id = asked.projection_id AND s.metric = asked.metric AND s.known_to < 9223372036854775807
      AND s.known_to > asked.known AND s.known_to <= mark.at
      AND COALESCE(s.counts_on, '') >= asked.first AND COALESCE(s.counts_on, '') <= asked.last
)
SELECT c.place, c.part, CASE WHEN c.day < $8 THEN '' ELSE c.day END AS night, CAST(SUM(c.n) AS BIGINT), SUM(c.total)
FROM counted AS c CROSS JOIN asked WHERE c.day <= $9 AND (asked.part = '' OR c.part = asked.part)
GROUP BY c.place, c.part, night
