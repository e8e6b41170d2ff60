UPDATE vault_epoch SET state = $2 WHERE epoch = $1
