-- How many members there are, so that a figure need not read them: cells by day, as of the last event that was applied.
-- A row of `standing` adds one at its first day and takes one at the first day no more; the members of a day are what the cells up to
-- it add up to. Cells are kept of everything ('') and of each part of a dimension ('unit'); counts_on is a day or all of them (*),
-- and of everything also a month (#YYYY-MM), as is day under all of them. `#` and `*` sort before every day.
CREATE TABLE tally (
    projection_id BIGINT NOT NULL,
    metric        TEXT NOT NULL,
    dimension     TEXT NOT NULL,
    counts_on     TEXT NOT NULL,
    day           TEXT NOT NULL,
    place         TEXT NOT NULL,
    part          TEXT NOT NULL,
    n             BIGINT NOT NULL, -- members
    total         REAL NOT NULL, -- of their values
    known_after   BIGINT NOT NULL, -- it changed after this mark last
    PRIMARY KEY (projection_id, metric, dimension, counts_on, day, place, part)
) WITHOUT ROWID;

-- Positions from which the cells go on in new versions, so that what was known at a mark can be read for ever.
CREATE TABLE tally_mark (
    projection_id BIGINT NOT NULL,
    position      BIGINT NOT NULL,
    PRIMARY KEY (projection_id, position)
) WITHOUT ROWID;

-- Cells as they were at the marks after known_after, up to known_until.
CREATE TABLE tally_before (
    projection_id BIGINT NOT NULL,
    metric        TEXT NOT NULL,
    dimension     TEXT NOT NULL,
    counts_on     TEXT NOT NULL,
    day           TEXT NOT NULL,
    place         TEXT NOT NULL,
    part          TEXT NOT NULL,
    n             BIGINT NOT NULL, -- members
    total         REAL NOT NULL, -- of their values
    known_after   BIGINT NOT NULL,
    known_until   BIGINT NOT NULL,
    PRIMARY KEY (projection_id, metric, dimension, counts_on, day, place, part, known_after)
) WITHOUT ROWID;

-- What came and what went between a mark and a position.
CREATE INDEX standing_came ON standing (projection_id, metric, known_from);
CREATE INDEX standing_went ON standing (projection_id, metric, known_to) WHERE known_to < 9223372036854775807;
