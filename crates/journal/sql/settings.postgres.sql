-- For Postgres only: bounds of a connection, and what the database must be. The last but one is the timeline of a primary, in
-- hexadecimal, and NULL of a standby. The last: while the largest table, which $3 names, is young a plan that is kept would be one
-- for empty tables, which reads all of a log for each event, until the server's own statistics come after minutes. No statement is
-- compiled (`jit`): those that count cells look dear to the planner, run for a millisecond, and would be compiled for a hundred.
SELECT set_config('lock_timeout', $1, FALSE), set_config('idle_in_transaction_session_timeout', $2, FALSE),
       current_setting('server_version_num'), current_setting('server_encoding'),
       current_setting('synchronous_commit'), current_setting('fsync'),
       CASE WHEN NOT pg_is_in_recovery() THEN LEFT(pg_walfile_name(pg_current_wal_lsn()), 8) END,
       set_config('plan_cache_mode', CASE WHEN (SELECT reltuples FROM pg_class WHERE oid = to_regclass($3)) >= 10000
                                          THEN 'auto' ELSE 'force_custom_plan' END, FALSE),
       set_config('jit', 'off', FALSE)
