DELETE FROM refused WHERE log_id = $1 AND actor = $2 AND n <= $3
