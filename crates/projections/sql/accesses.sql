-- The next records of an access log after position $2, up to $3, that are found by each of $4 to $7 that is not empty.
SELECT position FROM access AS a
WHERE projection_id = $1 AND what = $4 AND position > $2 AND position <= $3
  AND ($5 = '' OR EXISTS (SELECT 1 FROM access AS b WHERE b.projection_id = $1 AND b.what = $5 AND b.position = a.position))
  AND ($6 = '' OR EXISTS (SELECT 1 FROM access AS b WHERE b.projection_id = $1 AND b.what = $6 AND b.position = a.position))
  AND ($7 = '' OR EXISTS (SELECT 1 FROM access AS b WHERE b.projection_id = $1 AND b.what = $7 AND b.position = a.position))
ORDER BY position LIMIT $8
