"""What `make` runs: set-up, the supervisor, checks."""
