INSERT INTO thing (thing_id, log_id, kind, system, id, item)
