SELECT name, contract, incarnation, position, recorded_at, leaf_hash FROM log WHERE log_id = $1
