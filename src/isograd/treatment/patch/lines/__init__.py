"""The lines of a remedy, and where in the source they go."""
