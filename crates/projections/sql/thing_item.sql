UPDATE thing SET item = $2 WHERE thing_id = $1
