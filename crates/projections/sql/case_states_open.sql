-- $1 is a JSON list of things. What is known of them now.
SELECT row_id, thing_id, valid_from, valid_until, system, id, state, unit, item, received_on
FROM case_state WHERE thing_id IN (SELECT value FROM json_each($1)) AND known_to = 9223372036854775807
