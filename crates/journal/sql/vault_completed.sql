-- Erasures of a log that wait for no other epoch than $2.
SELECT COUNT(*) FROM vault_erasure AS r
WHERE r.log = $1 AND r.state = 2 AND r.first_epoch <= $2 AND r.last_epoch >= $2
  AND NOT EXISTS (SELECT 1 FROM vault_epoch AS e
                  WHERE e.epoch BETWEEN r.first_epoch AND r.last_epoch AND e.epoch <> $2 AND e.state <> 3)
