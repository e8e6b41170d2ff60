-- For Postgres only: where every log of a database stands.
SELECT log_id, position FROM log
