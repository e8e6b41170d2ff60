-- Items to look at again after a new edition of their flows; nothing that rests on an item does by it.
SELECT thing_id, kind, system, id, item FROM thing
WHERE projection_id = $1 AND thing_id > $2 AND kind = 'item' ORDER BY thing_id LIMIT $3
