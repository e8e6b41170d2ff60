-- The last content of each retention class that a data key seals.
SELECT retention, MAX(put_at) FROM vault_content WHERE log = $1 AND owner = $2 GROUP BY retention ORDER BY retention
