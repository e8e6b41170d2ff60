SELECT recorded_at, leaf_hash FROM event WHERE log_id = $1 AND position = $2
