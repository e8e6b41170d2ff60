UPDATE log SET incarnation = $2, contract = $3 WHERE log_id = $1
