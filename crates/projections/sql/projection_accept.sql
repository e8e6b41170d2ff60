UPDATE projection SET accepted = 1, error = '' WHERE projection_id = $1 AND state = 'building'
