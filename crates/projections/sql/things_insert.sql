INSERT INTO thing (thing_id, projection_id, kind, system, id, item)
