-- For Postgres only: bounds of a connection that writes, and what the database must be.
SELECT set_config('lock_timeout', $1, FALSE), set_config('idle_in_transaction_session_timeout', $2, FALSE),
       current_setting('server_version_num'), current_setting('server_encoding'),
       current_setting('synchronous_commit'), current_setting('fsync')
