-- Only a key that still stands as it was read ($3) and that nobody is erasing.
UPDATE vault_key SET epoch = $4, wrapped = $5
WHERE log = $1 AND ref = $2 AND epoch = $3
  AND NOT EXISTS (SELECT 1 FROM vault_erasure AS e WHERE e.log = vault_key.log AND e.ref = vault_key.ref)
