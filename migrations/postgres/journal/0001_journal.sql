-- The journals of many logs. Positions are dense and come in order, so appending to the key is sequential within a log.
-- Texts are compared byte by byte: the order of a language may change under an index with the next release of its library.

CREATE TABLE log (
    log_id      BIGINT NOT NULL PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL UNIQUE,
    contract    BIGINT NOT NULL,               -- number of the contract the newest form needs
    incarnation BIGINT NOT NULL,               -- counted up by each recovery from an earlier point
    position    BIGINT NOT NULL,               -- of the head
    recorded_at BIGINT NOT NULL,               -- of the head, microseconds UTC
    leaf_hash   BYTEA  NOT NULL                -- of the head
);

CREATE TABLE event (
    log_id         BIGINT NOT NULL,            -- names a log; a foreign key would lock the head's row once for each event
    position       BIGINT NOT NULL,
    recorded_at    BIGINT NOT NULL,            -- microseconds UTC, never before the one of the position before
    subject_kind   TEXT COLLATE "C" NOT NULL,
    subject_system TEXT COLLATE "C" NOT NULL,
    subject_id     TEXT COLLATE "C" NOT NULL,
    revision       BIGINT NOT NULL,            -- in the stream, from 1
    source_system  TEXT COLLATE "C" NOT NULL,
    event_id       UUID   NOT NULL,
    fact           TEXT COLLATE "C" NOT NULL,  -- message name in the contract
    actor          TEXT COLLATE "C" NOT NULL,
    mode           BIGINT NOT NULL,            -- 1 strict, 2 record
    flags          TEXT COLLATE "C" NOT NULL,  -- as of posting, separated by a space
    body           BYTEA  NOT NULL,            -- proto3 JSON, never written again; its bytes, for a text of Postgres takes no NUL
    leaf_hash      BYTEA  NOT NULL,            -- 32 bytes
    PRIMARY KEY (log_id, position)
);

CREATE UNIQUE INDEX event_identity ON event (log_id, source_system, event_id);
CREATE UNIQUE INDEX event_stream ON event (log_id, subject_kind, subject_system, subject_id, revision);

-- Refused posts and conflicting repeats: that they were tried, never what they said. Bounded per actor.
CREATE TABLE refused (
    log_id     BIGINT NOT NULL,
    actor      TEXT COLLATE "C" NOT NULL,
    n          BIGINT NOT NULL,                -- counts up per actor
    tried_at   BIGINT NOT NULL,                -- microseconds UTC
    code       TEXT COLLATE "C" NOT NULL,
    digest     BYTEA  NOT NULL,                -- SHA-256 of the first event as it would have been stored
    PRIMARY KEY (log_id, actor, n)
);
