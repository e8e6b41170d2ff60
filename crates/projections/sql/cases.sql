-- A page of cases after ($4, $5); filters are empty for any.
SELECT system, id, state, unit, item, received_on FROM case_state
WHERE projection_id = $1 AND known_from <= $2 AND known_to > $2 AND valid_from <= $3 AND valid_until > $3
  AND (system > $4 OR (system = $4 AND id > $5))
  AND ($6 = '' OR unit = $6) AND ($7 = '' OR item = $7) AND ($8 = '' OR state = $8)
  AND ($9 = '' OR received_on >= $9) AND ($10 = '' OR received_on <= $10)
ORDER BY system, id LIMIT $11
