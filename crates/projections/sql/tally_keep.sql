) INSERT INTO tally_before (projection_id, metric, dimension, counts_on, day, place, part, n, total, known_after, known_until)
SELECT t.projection_id, t.metric, t.dimension, t.counts_on, t.day, t.place, t.part, t.n, t.total, t.known_after, moved.known_after
FROM moved CROSS JOIN tally AS t
WHERE t.projection_id = moved.projection_id AND t.metric = moved.metric AND t.dimension = moved.dimension
  AND t.counts_on = moved.counts_on AND t.day = moved.day AND t.place = moved.place AND t.part = moved.part
  AND t.known_after < moved.known_after AND (t.n <> 0 OR t.total <> 0)
