-- Things to look at again after a wide event: those of an item, or all where $3 is empty.
SELECT thing_id, kind, system, id, item FROM thing
WHERE log_id = $1 AND thing_id > $2 AND ($3 = '' OR item = $3) ORDER BY thing_id LIMIT $4
