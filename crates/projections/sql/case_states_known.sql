-- $1 is a JSON list of things. What was known of them at position $2, of the days up to $3; what is known for longer reads as now.
SELECT row_id, thing_id, valid_from, valid_until, system, id, state, unit, item, received_on,
       known_from, CASE WHEN known_to > $2 THEN 9223372036854775807 ELSE known_to END AS known_to
FROM case_state WHERE thing_id IN (SELECT value FROM json_each($1)) AND known_from <= $2 AND valid_from <= $3
