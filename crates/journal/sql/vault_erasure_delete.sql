-- One that stands in this state.
DELETE FROM vault_erasure WHERE log = $1 AND ref = $2 AND state = $3
