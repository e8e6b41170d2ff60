-- The members themselves, in pages by row; parameters as in count.sql, $13 the row before and $14 the size of the page.
SELECT s.row_id, t.kind AS subject_kind, t.system, t.id, s.place, s.why, s.counts_on, s.value, s.unit, s.item, s.staff, s.window_id,
       s.channel, s.kind, s.evidence, s.valid_from, s.valid_until
FROM standing AS s JOIN thing AS t ON t.thing_id = s.thing_id
WHERE s.metric = $2 AND s.projection_id = $1 AND s.known_from <= $3 AND s.known_to > $3 AND s.valid_from <= $4 AND s.valid_until > $4
  AND s.counts_on >= $5 AND s.counts_on <= $6
  AND ($7 = '' OR s.unit = $7) AND ($8 = '' OR s.item = $8) AND ($9 = '' OR s.staff = $9) AND ($10 = '' OR s.window_id = $10)
  AND ($11 = '' OR s.channel = $11) AND ($12 = '' OR s.kind = $12) AND s.row_id > $13
ORDER BY s.row_id LIMIT $14
