-- Every epoch, the data keys that it wraps, and the erasures that are pending until its key is destroyed.
SELECT e.epoch, e.state,
       (SELECT COUNT(*) FROM vault_key AS k WHERE k.epoch = e.epoch),
       (SELECT COUNT(*) FROM vault_erasure AS r
        WHERE e.state <> 3 AND r.state = 2 AND r.first_epoch <= e.epoch AND r.last_epoch >= e.epoch)
FROM vault_epoch AS e ORDER BY e.epoch
