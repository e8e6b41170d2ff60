SELECT 1 FROM vault_content WHERE log = $1 LIMIT 1
