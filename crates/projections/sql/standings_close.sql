) UPDATE standing SET known_to = ended.known_to FROM ended WHERE standing.row_id = ended.row_id
