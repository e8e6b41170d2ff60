UPDATE projection SET error = $2 WHERE log_id = $1
