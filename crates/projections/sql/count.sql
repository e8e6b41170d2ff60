-- Members of a metric by place and, where $13 names one, by a dimension.
-- $1 projection, $2 metric, $3 known at, $4 valid on, $5 to $6 the period, $7 to $12 dimensions (empty: any).
SELECT place, COUNT(*), SUM(value),
       CASE CAST($13 AS TEXT) WHEN 'unit' THEN unit WHEN 'item' THEN item WHEN 'staff' THEN staff WHEN 'window' THEN window_id
                WHEN 'channel' THEN channel WHEN 'kind' THEN kind ELSE '' END AS part
FROM standing
WHERE metric = $2 AND projection_id = $1 AND known_from <= $3 AND known_to > $3 AND valid_from <= $4 AND valid_until > $4
  AND counts_on >= $5 AND counts_on <= $6
  AND ($7 = '' OR unit = $7) AND ($8 = '' OR item = $8) AND ($9 = '' OR staff = $9) AND ($10 = '' OR window_id = $10)
  AND ($11 = '' OR channel = $11) AND ($12 = '' OR kind = $12)
GROUP BY place, part
