SELECT MAX(n) FROM (SELECT MAX(row_id) AS n FROM standing UNION ALL SELECT MAX(row_id) FROM case_state UNION ALL SELECT MAX(thing_id) FROM thing) AS ids
