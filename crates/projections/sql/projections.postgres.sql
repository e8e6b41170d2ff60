-- Postgres tells the time by a function of its own.
-- All that are not gone, and whether each may be taken by whoever wants to move it ($1 is who asks).
SELECT projection_id, log, version, state, position, leaf_hash, wide_position, wide_after, row_count, accepted, error,
       CAST(CASE WHEN worker = $1 OR leased_until < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) THEN 1 ELSE 0 END AS BIGINT)
FROM projection WHERE state <> 'gone' ORDER BY projection_id
