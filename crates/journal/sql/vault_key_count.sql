SELECT COUNT(*) FROM vault_key WHERE epoch = $1
