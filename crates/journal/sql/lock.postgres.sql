-- For Postgres only: SQLite locks the file as the transaction begins.
-- Holds the head until the transaction ends, and says whether its commit will be on disk: these settings may change at any time.
SELECT current_setting('synchronous_commit'), current_setting('fsync') FROM log WHERE log_id = $1 FOR UPDATE
