-- From one state ($2) to another, where it does not stand past position $4.
UPDATE projection SET state = $3, changed_at = CAST(unixepoch('subsec') * 1000000 AS BIGINT) WHERE projection_id = $1 AND state = $2 AND position <= $4
