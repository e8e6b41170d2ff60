SELECT thing_id, kind, system, id, item FROM thing
WHERE thing_id > $1 AND thing_id < $2 ORDER BY thing_id LIMIT $3
