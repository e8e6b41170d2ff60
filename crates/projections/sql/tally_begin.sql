) INSERT INTO tally (projection_id, metric, dimension, counts_on, day, place, part, n, total, known_after)
SELECT moved.projection_id, moved.metric, moved.dimension, moved.counts_on, moved.day, moved.place, moved.part, moved.n, moved.total, moved.known_after
FROM moved
WHERE NOT EXISTS (
    SELECT 1 FROM tally AS t
    WHERE t.projection_id = moved.projection_id AND t.metric = moved.metric AND t.dimension = moved.dimension
      AND t.counts_on = moved.counts_on AND t.day = moved.day AND t.place = moved.place AND t.part = moved.part
)
