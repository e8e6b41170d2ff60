-- The column `item` is what a wide event finds a thing by: an item's code for the item and its cases, `zone:` and the id for the projects of
-- a zone; '*' marks a thing that several concern. These are to be looked at again after a change of item or zone $3.
SELECT thing_id, kind, system, id, item FROM thing
WHERE projection_id = $1 AND thing_id > $2 AND item IN ($3, '*') AND item <> '' ORDER BY thing_id LIMIT $4
