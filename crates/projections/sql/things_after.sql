-- Things to look at again after a change of a rule or the calendar. A visit stands nowhere by those.
SELECT thing_id, kind, system, id, item FROM thing
WHERE projection_id = $1 AND thing_id > $2 AND kind IN ('case', 'contact', 'staff', 'item', 'consult', 'subject', 'complaint') ORDER BY thing_id LIMIT $3
