-- The journal of one log. Positions are dense, so `position` is the table's own key and appending is sequential.
-- log_id is 1 in every file; it is a column so that a statement reads the same where one database holds many logs.

CREATE TABLE log (
    log_id      BIGINT  NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    contract    BIGINT  NOT NULL,              -- number of the contract the newest form needs
    incarnation BIGINT  NOT NULL,              -- counted up by each recovery from an earlier point
    position    BIGINT  NOT NULL,              -- of the head
    recorded_at BIGINT  NOT NULL,              -- of the head, microseconds UTC
    leaf_hash   BLOB    NOT NULL               -- of the head
);

CREATE TABLE event (
    log_id         BIGINT   NOT NULL,
    position       INTEGER  NOT NULL PRIMARY KEY,
    recorded_at    BIGINT   NOT NULL,          -- microseconds UTC, never before the one of the position before
    subject_kind   TEXT     NOT NULL,
    subject_system TEXT     NOT NULL,
    subject_id     TEXT     NOT NULL,
    revision       BIGINT   NOT NULL,          -- in the stream, from 1
    source_system  TEXT     NOT NULL,
    event_id       BLOB     NOT NULL,          -- 16 bytes
    fact           TEXT     NOT NULL,          -- message name in the contract
    actor          TEXT     NOT NULL,
    mode           SMALLINT NOT NULL,          -- 1 strict, 2 record
    flags          TEXT     NOT NULL,          -- as of posting, separated by a space
    body           TEXT     NOT NULL,          -- proto3 JSON, never written again
    leaf_hash      BLOB     NOT NULL           -- 32 bytes
);

CREATE UNIQUE INDEX event_identity ON event (source_system, event_id, log_id);
CREATE UNIQUE INDEX event_stream ON event (subject_kind, subject_system, subject_id, revision, log_id);

-- Refused posts and conflicting repeats: that they were tried, never what they said. Bounded per actor.
CREATE TABLE refused (
    log_id     BIGINT NOT NULL,
    actor      TEXT   NOT NULL,
    n          BIGINT NOT NULL,                -- counts up per actor
    tried_at   BIGINT NOT NULL,                -- microseconds UTC
    code       TEXT   NOT NULL,
    digest     BLOB   NOT NULL,                -- SHA-256 of the first event as it would have been stored
    PRIMARY KEY (actor, n, log_id)
) WITHOUT ROWID;
