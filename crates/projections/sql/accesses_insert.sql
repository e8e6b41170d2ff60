INSERT INTO access (projection_id, what, position)
