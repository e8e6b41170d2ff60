INSERT INTO vault_content (log, ref, owner, kind, retention, request, put_at, subject_kind, subject_system, subject_id, field, commitment, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
