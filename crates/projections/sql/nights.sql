-- Stretches of nights with members of a state metric, that touch the period $5 to $6; parameters as in count.sql.
SELECT place, valid_from, valid_until,
       CASE CAST($13 AS TEXT) WHEN 'unit' THEN unit WHEN 'item' THEN item WHEN 'staff' THEN staff WHEN 'window' THEN window_id
                WHEN 'channel' THEN channel WHEN 'kind' THEN kind ELSE '' END AS part
FROM standing
WHERE metric = $2 AND projection_id = $1 AND known_from <= $3 AND known_to > $3 AND valid_from <= $6 AND valid_until > $5
  AND $4 <> ''
  AND ($7 = '' OR unit = $7) AND ($8 = '' OR item = $8) AND ($9 = '' OR staff = $9) AND ($10 = '' OR window_id = $10)
  AND ($11 = '' OR channel = $11) AND ($12 = '' OR kind = $12)
