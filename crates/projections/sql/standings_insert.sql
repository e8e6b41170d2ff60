INSERT INTO standing (row_id, projection_id, thing_id, known_from, known_to, valid_from, valid_until, metric, place, why, counts_on, value, unit, item, staff, window_id, channel, kind, evidence)
