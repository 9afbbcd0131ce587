"""What `isograd cure` concluded, for the terminal, the page and the findings file."""
