-- Postgres tells the time by a function of its own.
-- From one state ($2) to another, where it does not stand past position $4.
UPDATE projection SET state = $3, changed_at = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) WHERE projection_id = $1 AND state = $2 AND position <= $4
