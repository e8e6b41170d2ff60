INSERT INTO case_state (row_id, projection_id, thing_id, known_from, known_to, valid_from, valid_until, system, id, state, unit, item, received_on)
