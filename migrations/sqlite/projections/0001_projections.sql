-- Read tables. All of it can be deleted and is rebuilt from the journal.
-- A row holds for what was known from position known_from on, until position known_to (exclusive; 9223372036854775807 is now),
-- and for the days valid_from to valid_until (exclusive; 9999-12-31 is for ever). Days are local dates of the log.

CREATE TABLE projection (
    log_id        INTEGER NOT NULL PRIMARY KEY,
    log           TEXT    NOT NULL UNIQUE,
    version       BIGINT  NOT NULL,
    position      BIGINT  NOT NULL,            -- answers reflect this
    leaf_hash     BLOB    NOT NULL,            -- at that position; a log put back to an earlier point is noticed by it
    wide_position BIGINT  NOT NULL,            -- a wide event under way, else 0
    wide_after    BIGINT  NOT NULL,            -- the last thing it has reached
    error         TEXT    NOT NULL             -- why it stopped, else empty
);

CREATE TABLE thing (
    thing_id BIGINT NOT NULL PRIMARY KEY,
    log_id   BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    system   TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    item     TEXT   NOT NULL                   -- code of the item a case is of, where known
);
CREATE UNIQUE INDEX thing_subject ON thing (kind, system, id, log_id);
CREATE INDEX thing_item ON thing (item, log_id) WHERE item <> '';

-- Streams beside its own that touch a thing: visits that name a case.
CREATE TABLE touch (
    thing_id BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    system   TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    PRIMARY KEY (thing_id, kind, system, id)
) WITHOUT ROWID;

-- Where a thing stands in a metric. place: n numerator, d denominator only, u unknown, x excluded.
CREATE TABLE standing (
    row_id      INTEGER NOT NULL PRIMARY KEY,
    log_id      BIGINT  NOT NULL,
    thing_id    BIGINT  NOT NULL,
    known_from  BIGINT  NOT NULL,
    known_to    BIGINT  NOT NULL,
    valid_from  TEXT    NOT NULL,
    valid_until TEXT    NOT NULL,
    metric      TEXT    NOT NULL,
    place       TEXT    NOT NULL,
    why         TEXT    NOT NULL,
    counts_on   TEXT    NOT NULL,
    value       REAL,
    unit        TEXT    NOT NULL,
    item        TEXT    NOT NULL,
    staff       TEXT    NOT NULL,
    window_id   TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    evidence    TEXT    NOT NULL               -- positions, separated by a space
);
CREATE INDEX standing_thing ON standing (thing_id, known_to);
CREATE INDEX standing_period ON standing (metric, log_id, counts_on);
CREATE INDEX standing_night ON standing (metric, log_id, valid_until);

-- The cases and the state each is in. Rows of one case and known time follow each other by day, where time alone moves it.
CREATE TABLE case_state (
    row_id      INTEGER NOT NULL PRIMARY KEY,
    log_id      BIGINT  NOT NULL,
    thing_id    BIGINT  NOT NULL,
    known_from  BIGINT  NOT NULL,
    known_to    BIGINT  NOT NULL,
    valid_from  TEXT    NOT NULL,
    valid_until TEXT    NOT NULL,
    system      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    unit        TEXT    NOT NULL,
    item        TEXT    NOT NULL,
    received_on TEXT    NOT NULL
);
CREATE INDEX case_state_thing ON case_state (thing_id, known_to);
CREATE INDEX case_state_page ON case_state (log_id, system, id);
