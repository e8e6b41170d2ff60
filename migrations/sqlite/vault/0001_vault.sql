-- The vault of the logs whose journals lie beside it: content and data keys, both sealed, and what became of them.

-- Epochs of the keys that wrap data keys. The keys themselves are elsewhere.
CREATE TABLE vault_epoch (
    epoch BIGINT NOT NULL PRIMARY KEY,       -- from 1; the last one wraps new keys
    state BIGINT NOT NULL,                     -- 1 living, 2 being destroyed, 3 destroyed
    proof BLOB   NOT NULL                    -- a key of zeros, wrapped: another key in its place is noticed
);

-- Data keys, one for a person or a text of nobody; deleted with what they seal.
CREATE TABLE vault_key (
    log         TEXT   NOT NULL,
    ref         TEXT   NOT NULL,
    kind        BIGINT NOT NULL,               -- 1 person, 2 text
    first_epoch BIGINT NOT NULL,               -- that wrapped it first: backups may hold it so
    epoch       BIGINT NOT NULL,               -- that wraps it now
    wrapped     BLOB   NOT NULL,
    PRIMARY KEY (log, ref)
) WITHOUT ROWID;
CREATE INDEX vault_key_epoch ON vault_key (epoch, log, ref);

-- Content. A row outlives what it held, so that a request that is repeated is known for ever.
CREATE TABLE vault_content (
    log            TEXT   NOT NULL,
    ref            TEXT   NOT NULL,
    owner          TEXT   NOT NULL,            -- whose data key seals it: the person, or itself
    kind           BIGINT NOT NULL,            -- 1 person, 2 text
    retention      BIGINT NOT NULL,            -- retention class, as the contract numbers them
    request        BLOB   NOT NULL,            -- 16 bytes, drawn by the caller
    put_at         BIGINT NOT NULL,            -- microseconds UTC, of the log
    subject_kind   TEXT   NOT NULL,            -- the stream it is for; empty where nobody said
    subject_system TEXT   NOT NULL,
    subject_id     TEXT   NOT NULL,
    field          TEXT   NOT NULL,            -- the field it is for; empty where nobody said
    commitment     BLOB   NOT NULL,            -- 32 bytes, as events have it
    sealed         BLOB,                       -- salt and content; NULL once it is erased
    PRIMARY KEY (log, ref)
);
CREATE UNIQUE INDEX vault_content_request ON vault_content (log, request);
CREATE INDEX vault_content_owner ON vault_content (log, owner, retention, put_at);

-- Erasures: asked for before the log has their event, done when key and content are gone.
CREATE TABLE vault_erasure (
    log         TEXT   NOT NULL,
    ref         TEXT   NOT NULL,               -- the owner of the data key
    state       BIGINT NOT NULL,               -- 1 asked, 2 done
    first_epoch BIGINT NOT NULL,
    last_epoch  BIGINT NOT NULL,
    actor       TEXT   NOT NULL,               -- who asked
    event       BLOB   NOT NULL,               -- stored form of its PersonErased
    position    BIGINT NOT NULL,               -- of that in the log; 0 while it is asked
    PRIMARY KEY (log, ref)
);
