"""Running the system (运维): incidents, what was typed, and the retry."""
