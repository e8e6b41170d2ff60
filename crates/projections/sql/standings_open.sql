-- $1 is a JSON list of things. What is known of them now.
SELECT row_id, thing_id, valid_from, valid_until, metric, place, why, counts_on, value, unit, item, staff, window_id, channel, kind, evidence
FROM standing WHERE thing_id IN (SELECT value FROM json_each($1)) AND known_to = 9223372036854775807
