-- $1 is a JSON list of things.
SELECT thing_id, kind, system, id FROM touch WHERE thing_id IN (SELECT value FROM json_each($1)) ORDER BY thing_id, kind, system, id
