INSERT INTO vault_key (log, ref, kind, first_epoch, epoch, wrapped) VALUES ($1, $2, $3, $4, $4, $5)
