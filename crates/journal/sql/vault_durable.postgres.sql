-- For Postgres only: whether the commit will be on disk; these settings may change at any time.
SELECT current_setting('synchronous_commit'), current_setting('fsync')
