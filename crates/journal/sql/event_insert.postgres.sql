-- The head moves with the events, from where it was ($17) and of log $16: a second writer that got past the lock writes nothing.
WITH moved AS (
    UPDATE log SET position = $18, recorded_at = $19, leaf_hash = $20 WHERE log_id = $16 AND position = $17 RETURNING log_id
)
INSERT INTO event (log_id, position, recorded_at, subject_kind, subject_system, subject_id, revision, source_system, event_id, fact, actor, mode, flags, body, leaf_hash)
