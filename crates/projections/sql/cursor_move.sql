-- $2 and $3 are where the cursor stood: a second worker that got past the first moves nothing, and its whole write is undone.
UPDATE projection SET position = $4, leaf_hash = $5, wide_position = $6, wide_after = $7, error = ''
WHERE log_id = $1 AND position = $2 AND wide_after = $3
