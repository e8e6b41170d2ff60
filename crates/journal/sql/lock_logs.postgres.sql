-- For Postgres only: one log is made at a time; heads can be taken meanwhile, and move afterwards.
LOCK TABLE log IN SHARE ROW EXCLUSIVE MODE
