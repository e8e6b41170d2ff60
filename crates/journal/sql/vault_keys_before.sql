-- Keys that an epoch before $1 wraps, but for those that are being erased: their event has said which epochs wrapped them.
SELECT k.log, k.ref, k.kind, k.first_epoch, k.epoch, k.wrapped
FROM vault_key AS k
WHERE k.epoch < $1 AND NOT EXISTS (SELECT 1 FROM vault_erasure AS e WHERE e.log = k.log AND e.ref = k.ref)
ORDER BY k.epoch, k.log, k.ref LIMIT $2
