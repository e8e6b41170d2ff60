-- $2 is a JSON list of [kind, system, id]; $3 the last position that counts. Postgres takes a list apart by functions of its own.
SELECT e.position, e.recorded_at, e.subject_kind, e.subject_system, e.subject_id, e.revision, e.source_system, e.event_id, e.fact, e.actor, e.mode, e.flags, e.body, e.leaf_hash
FROM json_array_elements(CAST($2 AS JSON)) WITH ORDINALITY AS s (value, key)
JOIN event AS e
  ON e.subject_kind = s.value ->> 0
 AND e.subject_system = s.value ->> 1
 AND e.subject_id = s.value ->> 2
WHERE e.log_id = $1 AND e.position <= $3
ORDER BY s.key, e.revision
