INSERT INTO vault_epoch (epoch, state, proof) VALUES ($1, 1, $2)
