-- $2 is a JSON list of [source system, event id as 32 hex digits].
SELECT e.position, e.recorded_at, e.revision, e.source_system, e.event_id, e.flags, e.body
FROM json_each($2) AS i
JOIN event AS e
  ON e.source_system = json_extract(i.value, '$[0]')
 AND e.event_id = unhex(json_extract(i.value, '$[1]'))
WHERE e.log_id = $1
