-- $2 is a JSON list of [source system, event id as 32 hex digits]. Postgres takes a list apart by functions of its own.
SELECT e.position, e.recorded_at, e.revision, e.source_system, e.event_id, e.flags, e.body
FROM json_array_elements(CAST($2 AS JSON)) AS i (value)
JOIN event AS e
  ON e.source_system = i.value ->> 0
 AND e.event_id = CAST(i.value ->> 1 AS UUID)
WHERE e.log_id = $1
