"""Tasks that the cases of remedies share."""
