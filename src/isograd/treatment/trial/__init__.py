"""Running one trial of a training under an order, and telling what came of it."""
