INSERT INTO log (log_id, name, contract, incarnation, position, recorded_at, leaf_hash) VALUES ($1, $2, $3, 1, 0, $4, $5)
