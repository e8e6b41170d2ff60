-- Cases, and what else is published of it, to look at again after a change of item $3; '*' marks those that were received with several items.
SELECT thing_id, kind, system, id, item FROM thing
WHERE projection_id = $1 AND thing_id > $2 AND item IN ($3, '*') AND item <> '' ORDER BY thing_id LIMIT $4
