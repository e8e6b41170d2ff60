) UPDATE tally SET n = tally.n + moved.n, total = tally.total + moved.total, known_after = moved.known_after
FROM moved
WHERE tally.projection_id = moved.projection_id AND tally.metric = moved.metric AND tally.dimension = moved.dimension
  AND tally.counts_on = moved.counts_on AND tally.day = moved.day AND tally.place = moved.place AND tally.part = moved.part
