"""What `isograd check` found, for the terminal, the page and the findings file."""
