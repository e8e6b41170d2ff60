-- A log has a projection that answers, perhaps one that is built beside it, and those of other versions of the formulas. Each has
-- its own rows, with numbers in a range of its own, so what was there is emptied and built again from the journal.
DELETE FROM standing;
DELETE FROM case_state;
DELETE FROM touch;
DELETE FROM thing;
ALTER TABLE standing RENAME COLUMN log_id TO projection_id;
ALTER TABLE case_state RENAME COLUMN log_id TO projection_id;
ALTER TABLE thing RENAME COLUMN log_id TO projection_id;

DROP TABLE projection;
CREATE TABLE projection (
    projection_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    log           TEXT   NOT NULL,
    version       BIGINT NOT NULL,             -- of the formulas
    state         TEXT   NOT NULL,             -- live: it answers; building: beside it; gone: its rows are being removed
    changed_at    BIGINT NOT NULL,             -- when it became so, microseconds UTC of the database's clock
    position      BIGINT NOT NULL,             -- answers reflect this
    leaf_hash     BLOB   NOT NULL,             -- at that position; a log put back to an earlier point is noticed by it
    wide_position BIGINT NOT NULL,             -- a wide event under way, else 0
    wide_after    BIGINT NOT NULL,             -- the last thing it has reached
    row_count     BIGINT NOT NULL,             -- rows written so far
    accepted      BIGINT NOT NULL,             -- 1: somebody said it may answer although it differs from the one that does
    error         TEXT   NOT NULL,             -- why it stopped, else empty
    worker        TEXT   NOT NULL,             -- who moves it
    leased_until  BIGINT NOT NULL              -- another may take it then; microseconds UTC of the database's clock
);
CREATE UNIQUE INDEX projection_one ON projection (log, version, state) WHERE state <> 'gone';
