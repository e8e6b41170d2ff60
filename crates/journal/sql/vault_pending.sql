-- Epochs of a range that are not destroyed.
SELECT epoch FROM vault_epoch WHERE epoch BETWEEN $1 AND $2 AND state <> 3 ORDER BY epoch
