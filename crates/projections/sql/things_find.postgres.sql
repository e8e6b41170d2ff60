-- $2 is a JSON list of [kind, system, id]. Postgres takes a list apart by functions of its own.
SELECT t.thing_id, t.kind, t.system, t.id, t.item
FROM json_array_elements(CAST($2 AS JSON)) AS s (value)
JOIN thing AS t
  ON t.kind = s.value ->> 0
 AND t.system = s.value ->> 1
 AND t.id = s.value ->> 2
WHERE t.projection_id = $1
