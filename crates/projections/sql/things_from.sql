-- Cases received on day $3 or later, and persons, to look at again after a window was set up for another purpose from that day on.
SELECT thing_id, kind, system, id, item FROM thing AS t
WHERE projection_id = $1 AND thing_id > $2
  AND (kind = 'staff' OR kind = 'case' AND EXISTS (
        SELECT 1 FROM case_state AS c WHERE c.thing_id = t.thing_id AND c.known_to = 9223372036854775807 AND c.received_on >= $3))
ORDER BY thing_id LIMIT $4
