SELECT log_id, version, position, leaf_hash, wide_position, wide_after, error FROM projection WHERE log = $1
