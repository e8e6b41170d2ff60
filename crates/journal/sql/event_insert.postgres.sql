-- One array a column: Postgres takes a list of any length in one statement. A shorter array would be padded with NULL, which no
-- column takes. The head moves with them from where it was, $16: a second writer that got past the lock would write nothing.
WITH moved AS (
    UPDATE log SET position = $17, recorded_at = $18, leaf_hash = $19 WHERE log_id = $1 AND position = $16 RETURNING log_id
)
INSERT INTO event (log_id, position, recorded_at, subject_kind, subject_system, subject_id, revision, source_system, event_id, fact, actor, mode, flags, body, leaf_hash)
SELECT moved.log_id, e.*
FROM moved, UNNEST(
    CAST($2 AS BIGINT[]), CAST($3 AS BIGINT[]), CAST($4 AS TEXT[]), CAST($5 AS TEXT[]), CAST($6 AS TEXT[]), CAST($7 AS BIGINT[]),
    CAST($8 AS TEXT[]), CAST($9 AS UUID[]), CAST($10 AS TEXT[]), CAST($11 AS TEXT[]), CAST($12 AS BIGINT[]), CAST($13 AS TEXT[]),
    CAST($14 AS BYTEA[]), CAST($15 AS BYTEA[])
) AS e
