-- For Postgres only: bounds of a connection, and what the database must be. The last is the timeline of a primary, in hexadecimal, and
-- NULL of a standby.
SELECT set_config('lock_timeout', $1, FALSE), set_config('idle_in_transaction_session_timeout', $2, FALSE),
       current_setting('server_version_num'), current_setting('server_encoding'),
       current_setting('synchronous_commit'), current_setting('fsync'),
       CASE WHEN NOT pg_is_in_recovery() THEN LEFT(pg_walfile_name(pg_current_wal_lsn()), 8) END
