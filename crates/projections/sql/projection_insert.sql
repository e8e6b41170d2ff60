-- Nothing where there is one; two that begin it at once agree.
INSERT INTO projection (log, version, state, changed_at, position, leaf_hash, wide_position, wide_after, row_count, accepted, error, worker, leased_until)
VALUES ($1, $2, $3, CAST(unixepoch('subsec') * 1000000 AS BIGINT), 0, $4, 0, 0, 0, 0, '', '', 0) ON CONFLICT DO NOTHING
