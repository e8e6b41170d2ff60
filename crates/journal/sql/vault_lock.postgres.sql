-- For Postgres only: one process writes to the vault at a time, as SQLite has it; reading goes on.
LOCK TABLE vault_epoch IN SHARE ROW EXCLUSIVE MODE
