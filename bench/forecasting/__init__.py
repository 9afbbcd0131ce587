"""Random networks to hold the forecast against, and how their gain is measured."""
