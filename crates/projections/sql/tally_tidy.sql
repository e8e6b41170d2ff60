-- Cells in which nothing is, also those that a worker which is gone left.
DELETE FROM tally WHERE projection_id = $1 AND n = 0 AND total = 0
