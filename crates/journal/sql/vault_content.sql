SELECT ref, owner, kind, retention, request, put_at, subject_kind, subject_system, subject_id, field, commitment, sealed
FROM vault_content WHERE log = $1 AND ref = $2
