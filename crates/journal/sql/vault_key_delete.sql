DELETE FROM vault_key WHERE log = $1 AND ref = $2
