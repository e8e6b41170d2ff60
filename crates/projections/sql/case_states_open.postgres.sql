-- $1 is a JSON list of things. What is known of them now. Postgres takes a list apart by functions of its own.
SELECT row_id, thing_id, valid_from, valid_until, system, id, state, unit, item, received_on
FROM case_state WHERE thing_id = ANY(ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)) AS l (value))) AND known_to = 9223372036854775807
