INSERT INTO touch (thing_id, kind, system, id)
