-- The marks of projection $1, of which there are few.
DELETE FROM tally_mark WHERE projection_id = $1
