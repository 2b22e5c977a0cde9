"""Study folders in, sound studies and reasons out."""
