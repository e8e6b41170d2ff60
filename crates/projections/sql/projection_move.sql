-- $2 and $3 are where the cursor stood, $4 who moves it: another worker that got past it moves nothing, and its whole write is undone.
UPDATE projection SET position = $5, leaf_hash = $6, wide_position = $7, wide_after = $8, row_count = row_count + $9, error = '',
                      leased_until = CAST(unixepoch('subsec') * 1000000 AS BIGINT) + $10
WHERE projection_id = $1 AND position = $2 AND wide_after = $3 AND worker = $4 AND state <> 'gone'
