SELECT MAX(n) FROM refused WHERE log_id = $1 AND actor = $2
