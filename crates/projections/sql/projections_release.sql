-- Of one worker ($1), or of all where it is empty.
UPDATE projection SET leased_until = 0 WHERE $1 IN ('', worker)
