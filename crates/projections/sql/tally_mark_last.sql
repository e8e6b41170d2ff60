SELECT MAX(position) FROM tally_mark WHERE projection_id = $1
