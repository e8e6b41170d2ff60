-- $2 is a JSON list of positions. Postgres takes a list apart by functions of its own.
SELECT position, recorded_at, subject_kind, subject_system, subject_id, revision, source_system, event_id, fact, actor, mode, flags, body, leaf_hash
FROM event WHERE log_id = $1 AND position IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($2 AS JSON)) AS p (value)) ORDER BY position
