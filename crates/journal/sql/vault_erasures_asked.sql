SELECT ref FROM vault_erasure WHERE log = $1 AND state = 1 ORDER BY ref
