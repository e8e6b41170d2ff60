-- For $3 microseconds, where nobody else ($2 is who asks) holds it.
UPDATE projection SET worker = $2, leased_until = CAST(unixepoch('subsec') * 1000000 AS BIGINT) + $3
WHERE projection_id = $1 AND state <> 'gone' AND (worker = $2 OR leased_until < CAST(unixepoch('subsec') * 1000000 AS BIGINT))
