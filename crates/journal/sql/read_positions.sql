-- $2 is a JSON list of positions.
SELECT position, recorded_at, subject_kind, subject_system, subject_id, revision, source_system, event_id, fact, actor, mode, flags, body, leaf_hash
FROM event WHERE log_id = $1 AND position IN (SELECT value FROM json_each($2)) ORDER BY position
