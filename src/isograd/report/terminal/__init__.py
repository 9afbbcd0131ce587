"""Text for a terminal: the sheet it is written on, and the end of a run."""
