-- Postgres tells the time by a function of its own.
-- What $1 holds, for $2 microseconds.
UPDATE projection SET leased_until = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) + $2 WHERE worker = $1 AND leased_until >= CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AND state <> 'gone'
