-- Postgres tells the time by a function of its own.
-- Those that are to be removed: gone for $2 microseconds, so that no question still reads them, or of another version than $1 and
-- moved by nobody for $3.
SELECT projection_id FROM projection
WHERE (state = 'gone' AND changed_at < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) - $2) OR (version <> $1 AND leased_until < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) - $3 AND changed_at < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) - $3)
