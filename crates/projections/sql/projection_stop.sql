UPDATE projection SET error = $2 WHERE projection_id = $1
