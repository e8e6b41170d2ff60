INSERT INTO vault_erasure (log, ref, state, first_epoch, last_epoch, actor, event, position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
