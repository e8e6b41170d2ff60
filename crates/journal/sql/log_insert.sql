-- Gives the number of the new log; 1 in a file of its own.
INSERT INTO log (log_id, name, contract, incarnation, position, recorded_at, leaf_hash, replica)
SELECT COALESCE(MAX(log_id), 0) + 1, $1, $2, 1, 0, $3, $4, $5 FROM log
RETURNING log_id
