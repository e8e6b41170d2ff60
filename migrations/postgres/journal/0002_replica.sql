-- A copy of a log that is written elsewhere: nobody here writes to it but who follows that one.
ALTER TABLE log ADD COLUMN replica BIGINT NOT NULL DEFAULT 0;
