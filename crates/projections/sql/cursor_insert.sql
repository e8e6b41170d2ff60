INSERT INTO projection (log, version, position, leaf_hash, wide_position, wide_after, error) VALUES ($1, $2, 0, $3, 0, 0, '')
