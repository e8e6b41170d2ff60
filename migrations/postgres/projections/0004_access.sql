-- What a record of who read what is found by: the log that was read, the caller, the thing, the reference into the vault.
CREATE TABLE access (
    projection_id BIGINT NOT NULL,
    what          TEXT COLLATE "C" NOT NULL,
    position      BIGINT NOT NULL,             -- where the record stands in the access log
    PRIMARY KEY (projection_id, what, position)
);
