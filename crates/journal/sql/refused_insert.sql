INSERT INTO refused (log_id, actor, n, tried_at, code, digest) VALUES ($1, $2, $3, $4, $5, $6)
