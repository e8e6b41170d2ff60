"""The parts of scripts/bench; a file for each group of rows, each with a `run(place, results)`."""
