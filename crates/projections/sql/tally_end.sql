) DELETE FROM tally
WHERE n = 0 AND total = 0 AND (projection_id, metric, dimension, counts_on, day, place, part) IN (
    SELECT projection_id, metric, dimension, counts_on, day, place, part FROM ended
)
