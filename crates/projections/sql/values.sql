-- Values of a distribution in ascending order; parameters as in count.sql, and $14 one part of the dimension $13.
SELECT value FROM standing
WHERE metric = $2 AND projection_id = $1 AND known_from <= $3 AND known_to > $3 AND valid_from <= $4 AND valid_until > $4
  AND counts_on >= $5 AND counts_on <= $6
  AND ($7 = '' OR unit = $7) AND ($8 = '' OR item = $8) AND ($9 = '' OR staff = $9) AND ($10 = '' OR window_id = $10)
  AND ($11 = '' OR channel = $11) AND ($12 = '' OR kind = $12) AND place = 'n' AND value IS NOT NULL
  AND (CAST($13 AS TEXT) = '' OR CASE CAST($13 AS TEXT) WHEN 'unit' THEN unit WHEN 'item' THEN item WHEN 'staff' THEN staff WHEN 'window' THEN window_id
                            WHEN 'channel' THEN channel WHEN 'kind' THEN kind ELSE '' END = $14)
ORDER BY value
