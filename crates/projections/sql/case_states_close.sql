) UPDATE case_state SET known_to = ended.known_to FROM ended WHERE case_state.row_id = ended.row_id
