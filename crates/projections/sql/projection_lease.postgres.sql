-- Postgres tells the time by a function of its own.
-- For $3 microseconds, where nobody else ($2 is who asks) holds it.
UPDATE projection SET worker = $2, leased_until = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) + $3
WHERE projection_id = $1 AND state <> 'gone' AND (worker = $2 OR leased_until < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT))
