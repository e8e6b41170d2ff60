-- $1 is a JSON list of things. What is known of them now. Postgres takes a list apart by functions of its own.
SELECT row_id, thing_id, valid_from, valid_until, metric, place, why, counts_on, value, unit, item, staff, window_id, channel, kind, evidence
FROM standing WHERE thing_id = ANY(ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)) AS l (value))) AND known_to = 9223372036854775807
