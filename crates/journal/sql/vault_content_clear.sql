UPDATE vault_content SET sealed = NULL WHERE log = $1 AND owner = $2
