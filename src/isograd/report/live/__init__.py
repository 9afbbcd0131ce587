"""Live vitals at the bottom of a terminal."""
