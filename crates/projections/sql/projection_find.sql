SELECT projection_id, log, version, state, position, leaf_hash, wide_position, wide_after, row_count, accepted, error
FROM projection WHERE log = $1 AND version = $2 AND state = $3
