-- What $1 holds, for $2 microseconds.
UPDATE projection SET leased_until = CAST(unixepoch('subsec') * 1000000 AS BIGINT) + $2 WHERE worker = $1 AND leased_until >= CAST(unixepoch('subsec') * 1000000 AS BIGINT) AND state <> 'gone'
