-- For Postgres only: in a file of its own a log needs no finding.
SELECT log_id FROM log WHERE name = $1
