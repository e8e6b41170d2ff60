SELECT state, first_epoch, last_epoch, actor, event, position FROM vault_erasure WHERE log = $1 AND ref = $2
