SELECT replica FROM log WHERE log_id = $1
