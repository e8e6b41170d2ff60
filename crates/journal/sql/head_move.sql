-- $2 is the position the head had when it was locked: a second writer that got past the lock would move nothing.
UPDATE log SET position = $3, recorded_at = $4, leaf_hash = $5 WHERE log_id = $1 AND position = $2
