-- $1 is a JSON list of rows. Postgres takes a list apart by functions of its own.
DELETE FROM standing WHERE row_id = ANY(ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)) AS l (value)))
