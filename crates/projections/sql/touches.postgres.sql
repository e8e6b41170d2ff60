-- $1 is a JSON list of things. Postgres takes a list apart by functions of its own.
SELECT thing_id, kind, system, id FROM touch WHERE thing_id = ANY(ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)) AS l (value))) ORDER BY thing_id, kind, system, id
