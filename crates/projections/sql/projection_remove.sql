DELETE FROM projection WHERE projection_id = $1
