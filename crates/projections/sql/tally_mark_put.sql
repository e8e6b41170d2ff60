INSERT INTO tally_mark (projection_id, position) VALUES ($1, $2)
