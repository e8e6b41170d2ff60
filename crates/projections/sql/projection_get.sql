SELECT projection_id, log, version, state, position, leaf_hash, wide_position, wide_after, row_count, accepted, error
FROM projection WHERE projection_id = $1
