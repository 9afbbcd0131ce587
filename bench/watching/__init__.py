"""What it costs to watch training: models, ways of watching, and paired times."""
