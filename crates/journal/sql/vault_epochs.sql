SELECT epoch, state, proof FROM vault_epoch ORDER BY epoch
