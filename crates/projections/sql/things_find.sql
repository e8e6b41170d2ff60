-- $2 is a JSON list of [kind, system, id].
SELECT t.thing_id, t.kind, t.system, t.id, t.item
FROM json_each($2) AS s
JOIN thing AS t
  ON t.kind = json_extract(s.value, '$[0]')
 AND t.system = json_extract(s.value, '$[1]')
 AND t.id = json_extract(s.value, '$[2]')
WHERE t.projection_id = $1
