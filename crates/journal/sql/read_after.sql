SELECT position, recorded_at, subject_kind, subject_system, subject_id, revision, source_system, event_id, fact, actor, mode, flags, body, leaf_hash
FROM event WHERE log_id = $1 AND position > $2 ORDER BY position LIMIT $3
