-- $2 is a JSON list of [kind, system, id]; $3 the last position that counts.
SELECT e.position, e.recorded_at, e.subject_kind, e.subject_system, e.subject_id, e.revision, e.source_system, e.event_id, e.fact, e.actor, e.mode, e.flags, e.body, e.leaf_hash
FROM json_each($2) AS s
JOIN event AS e
  ON e.subject_kind = json_extract(s.value, '$[0]')
 AND e.subject_system = json_extract(s.value, '$[1]')
 AND e.subject_id = json_extract(s.value, '$[2]')
WHERE e.log_id = $1 AND e.position <= $3
ORDER BY s.key, e.revision
