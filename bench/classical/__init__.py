"""The classic experiments of `bench/classics.py`: trainings small enough for minutes, large enough for the effect."""
